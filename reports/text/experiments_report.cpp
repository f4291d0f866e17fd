#include "reports/text/experiments_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/text/markdown_report.h"
#include "reports/text/table.h"
#include "reports/text/wrap.h"

namespace npyrace {
namespace {

using Experiments = std::vector<ExperimentResult>;

/// Groups by scenario, in the order in which they were run.
std::vector<Experiments> by_scenario(const Experiments& all) {
  std::vector<Experiments> groups;
  for (const ExperimentResult& one : all) {
    const auto group = std::ranges::find_if(
        groups, [&](const Experiments& other) { return other.front().scenario == one.scenario; });
    if (group == groups.end())
      groups.push_back({one});
    else
      group->push_back(one);
  }
  return groups;
}

std::string spaced(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

/// Empty if no experiment of the group has a verdict.
std::vector<TableRow> verdict_rows(const Experiments& group) {
  std::vector<TableRow> rows{{"experiment", "verdict"}};
  for (const auto& [name, count] : group.front().counts) rows[0].push_back(spaced(name));
  for (const ExperimentResult& one : group) {
    TableRow& row = rows.emplace_back();
    row.push_back(printable(one.name));
    row.push_back(one.verdict ? verdict_name(*one.verdict) : "-");
    for (const auto& [name, count] : one.counts) row.push_back(std::to_string(count));
    row.resize(rows[0].size(), "-");
  }
  const bool at_stake = std::ranges::any_of(
      group, [](const ExperimentResult& one) { return one.verdict.has_value(); });
  return at_stake ? rows : std::vector<TableRow>{};
}

std::vector<TableRow> latency_rows(const Experiments& group) {
  std::vector<TableRow> rows{{"experiment", "samples", "p50", "p90", "p99", "max"}};
  for (const ExperimentResult& one : group)
    for (const LatencyResult& latency : one.latencies)
      rows.push_back({fmt::format("{}, {}", printable(one.name), printable(latency.name)),
                      std::to_string(latency.samples), short_seconds(latency.p50_seconds),
                      short_seconds(latency.p90_seconds), short_seconds(latency.p99_seconds),
                      short_seconds(latency.max_seconds)});
  return rows.size() > 1 ? rows : std::vector<TableRow>{};
}

/// Experiments that are safe need no paragraph.
bool is_news(const ExperimentResult& one) {
  return one.verdict && *one.verdict != Verdict::safe;
}

std::string note(const ExperimentResult& one) {
  std::string text = wrapped(fmt::format("{} ({}): {}", verdict_name(*one.verdict),
                                         printable(one.name), printable(one.reason)),
                             {.others = 2});
  if (!one.examples.empty())
    text += "  " + wrapped(printable(one.examples.front()), {.first = 2, .others = 2});
  return text;
}

std::string notes(const Experiments& group) {
  std::string text;
  for (const ExperimentResult& one : group)
    if (is_news(one)) text += note(one);
  return text.empty() ? "" : "\n" + text;
}

std::string table(const std::vector<TableRow>& rows) {
  return rows.empty() ? "" : "\n" + aligned_table(rows);
}

std::string markdown_table(const std::vector<TableRow>& rows) {
  if (rows.empty()) return "";
  std::string text = "\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    text += "|";
    for (const std::string& field : rows[i]) text += " " + markdown_text(field) + " |";
    text += "\n";
    if (i > 0) continue;
    text += "|";
    for (std::size_t column = 0; column < rows[0].size(); ++column) text += "---|";
    text += "\n";
  }
  return text;
}

std::string markdown_notes(const Experiments& group) {
  std::string text;
  for (const ExperimentResult& one : group)
    if (is_news(one))
      text += fmt::format("- {} {}: {}\n", verdict_name(*one.verdict), markdown_text(one.name),
                          markdown_text(one.reason));
  return text.empty() ? "" : "\n" + text;
}

}  // namespace

std::string short_seconds(double seconds) {
  const char* unit = "s";
  for (const char* smaller : {"ms", "us", "ns"}) {
    if (seconds >= 0.9995 || seconds == 0) break;
    seconds *= 1000;
    unit = smaller;
  }
  const int decimals = seconds >= 99.95 ? 0 : seconds >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f} {}", seconds, decimals, unit);
}

std::string experiments_report(const std::vector<ExperimentResult>& experiments) {
  std::string text;
  for (const Experiments& group : by_scenario(experiments))
    text += "\n" + printable(group.front().scenario) + ":\n" + table(verdict_rows(group)) +
            table(latency_rows(group)) + notes(group);
  return text;
}

std::string experiments_markdown(const std::vector<ExperimentResult>& experiments) {
  std::string text;
  for (const Experiments& group : by_scenario(experiments))
    text += fmt::format("\n## {}\n", markdown_text(group.front().scenario)) +
            markdown_table(verdict_rows(group)) + markdown_table(latency_rows(group)) +
            markdown_notes(group);
  return text;
}

}  // namespace npyrace
