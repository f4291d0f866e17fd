#include "reports/junit_report.h"

#include <fmt/format.h>

#include <numeric>

#include "reports/junit.h"
#include "reports/verify_report.h"

namespace npyrace {
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

/// A measurement has nothing to fail.
JunitCase case_of(const ExperimentResult& result) {
  const Verdict verdict = result.verdict.value_or(Verdict::safe);
  JunitCase one{.class_name = "npyrace." + result.scenario,
                .name = result.name,
                .outcome = outcome_of(verdict),
                .message = fmt::format("{}: {}", verdict_name(verdict), result.reason)};
  for (const std::string& example : result.examples) one.details += example + "\n";
  return one;
}

/// Labels, and what somebody who sees a failure asks first.
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
