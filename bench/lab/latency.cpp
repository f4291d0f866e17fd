#include "bench/lab/latency.h"

#include <fmt/format.h>

#include <optional>

#include "core/base/error.h"
#include "core/base/table.h"
#include "core/base/text.h"

namespace npyrace::lab {
namespace {

struct Rule {
  std::optional<unsigned> node;
  std::optional<Operation> operation;
};

bool looks_like_node(const std::string& text) {
  return text.size() > 1 && text[0] == 'n' &&
         text.find_first_not_of("0123456789", 1) == std::string::npos;
}

/// Parses the part before '=': a node, an operation, or both separated by a dot.
Rule parse_subject(const std::string& subject, unsigned nodes) {
  Rule rule;
  std::string operation = subject;
  const std::size_t dot = subject.find('.');
  const std::string first = subject.substr(0, dot);
  if (looks_like_node(first)) {
    rule.node = parse_node(first, nodes);
    operation = dot == std::string::npos ? "" : subject.substr(dot + 1);
  }
  if (!operation.empty()) rule.operation = parse_operation(operation);
  return rule;
}

}  // namespace

unsigned parse_node(const std::string& text, unsigned nodes) {
  const bool has_letter = !text.empty() && text[0] == 'n';
  const std::uint64_t number = parse_number(has_letter ? text.substr(1) : text, "node");
  if (number < 1 || number > nodes)
    throw UsageError(fmt::format("there is no node {}: the lab has n1 to n{}", number, nodes));
  return static_cast<unsigned>(number - 1);
}

Latency::Latency(const std::string& text, unsigned nodes) : table_(nodes) {
  if (text.empty()) return;
  for (const std::string& rule : split(text, ',')) apply(rule);
}

void Latency::apply(const std::string& rule) {
  const std::size_t equals = rule.find('=');
  const bool plain = equals == std::string::npos;
  const auto nodes = static_cast<unsigned>(table_.size());
  const Rule subject = plain ? Rule{} : parse_subject(rule.substr(0, equals), nodes);
  const Duration time = parse_duration(plain ? rule : rule.substr(equals + 1));
  names_nodes_ = names_nodes_ || subject.node.has_value();
  for (unsigned node = 0; node < nodes; ++node)
    for (std::size_t operation = 0; operation < kOperations; ++operation) {
      const bool meant =
          (!subject.node || *subject.node == node) &&
          (!subject.operation || static_cast<std::size_t>(*subject.operation) == operation);
      if (meant) table_[node][operation] = time;
    }
}

}  // namespace npyrace::lab
