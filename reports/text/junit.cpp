#include "reports/text/junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <pugixml.hpp>
#include <sstream>

#include "reports/text/verify_report.h"
#include "reports/text/wrap.h"

namespace npyrace {
namespace {

const char* element_of(JunitOutcome outcome) {
  switch (outcome) {
    case JunitOutcome::passed:
      return "";
    case JunitOutcome::failure:
      return "failure";
    case JunitOutcome::error:
      return "error";
    case JunitOutcome::skipped:
      return "skipped";
  }
  return "error";
}

void set(pugi::xml_node node, const char* name, const std::string& value) {
  node.append_attribute(name) = printable(value).c_str();
}

/// Escapes each line separately, to preserve the line breaks.
std::string printable_lines(const std::string& text) {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);) out += printable(line) + "\n";
  return out;
}

void append(pugi::xml_node suite, const JunitCase& one) {
  pugi::xml_node node = suite.append_child("testcase");
  set(node, "classname", one.class_name);
  set(node, "name", one.name);
  set(node, "time", fmt::format("{:.6f}", one.seconds));
  if (one.outcome == JunitOutcome::passed) return;
  pugi::xml_node why = node.append_child(element_of(one.outcome));
  set(why, "message", one.message);
  if (!one.details.empty())
    why.append_child(pugi::node_pcdata).set_value(printable_lines(one.details).c_str());
}

std::string count(const JunitSuite& suite, JunitOutcome outcome) {
  return std::to_string(std::ranges::count(suite.cases, outcome, &JunitCase::outcome));
}

}  // namespace

std::string junit_xml(const JunitSuite& suite) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  pugi::xml_node node = document.append_child("testsuites").append_child("testsuite");
  set(node, "name", suite.name);
  set(node, "tests", std::to_string(suite.cases.size()));
  set(node, "failures", count(suite, JunitOutcome::failure));
  set(node, "errors", count(suite, JunitOutcome::error));
  set(node, "skipped", count(suite, JunitOutcome::skipped));
  if (!suite.properties.empty()) {
    pugi::xml_node properties = node.append_child("properties");
    for (const auto& [key, value] : suite.properties) {
      pugi::xml_node property = properties.append_child("property");
      set(property, "name", key);
      set(property, "value", value);
    }
  }
  for (const JunitCase& one : suite.cases) append(node, one);
  std::ostringstream text;
  document.save(text, "  ");
  return text.str();
}

namespace {

JunitOutcome outcome_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::safe:
      return JunitOutcome::passed;
    case Verdict::unsafe:
      return JunitOutcome::failure;
    case Verdict::failed:
      return JunitOutcome::error;
    case Verdict::inconclusive:
    case Verdict::skipped:
      return JunitOutcome::skipped;
  }
  return JunitOutcome::error;
}

JunitCase case_of(const CellResult& result) {
  JunitCase one{
      .class_name = "npyrace." + (result.cell.scenario.empty() ? "verify" : result.cell.scenario),
      .name = result.cell.name,
      .seconds = std::accumulate(result.seconds.begin(), result.seconds.end(), 0.0),
      .outcome = outcome_of(result.verdict),
      .message = fmt::format("{}: {}", verdict_name(result.verdict), result.reason)};
  for (const Example& example : result.examples) one.details += example_line(example) + "\n";
  return one;
}

/// A pure measurement cannot fail.
JunitCase case_of(const ExperimentResult& result) {
  const Verdict verdict = result.verdict.value_or(Verdict::safe);
  JunitCase one{.class_name = "npyrace." + result.scenario,
                .name = result.name,
                .outcome = outcome_of(verdict),
                .message = fmt::format("{}: {}", verdict_name(verdict), result.reason)};
  for (const std::string& example : result.examples) one.details += example + "\n";
  return one;
}

/// Labels, and facts needed to investigate a failure.
std::map<std::string, std::string> properties(const RunResult& result) {
  std::map<std::string, std::string> all = result.labels;
  all["npyrace.version"] = result.environment.version;
  all["npyrace.seed"] = std::to_string(result.seed);
  all["npyrace.kernel"] = result.environment.kernel;
  for (std::size_t i = 0; i < result.environment.mounts.size(); ++i) {
    const MountResult& mount = result.environment.mounts[i];
    all[fmt::format("npyrace.mount.{}", i)] = fmt::format("{} ({})", mount.dir, mount.fs_type);
  }
  return all;
}

}  // namespace

std::string junit_report(const RunResult& result) {
  JunitSuite suite{.name = "npyrace", .properties = properties(result)};
  for (const CellResult& cell : result.cells) suite.cases.push_back(case_of(cell));
  for (const ExperimentResult& one : result.experiments) suite.cases.push_back(case_of(one));
  return junit_xml(suite);
}

}  // namespace npyrace
