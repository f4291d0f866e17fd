#include "bench/compare/gate.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>

#include "bench/cli/arguments.h"
#include "bench/cli/commands.h"
#include "bench/cli/output.h"
#include "bench/compare/drift.h"
#include "bench/compare/new_hazards.h"
#include "bench/compare/rerun.h"
#include "core/base/error.h"
#include "core/base/print.h"
#include "core/file/atomic_file.h"
#include "core/os/signals.h"
#include "reports/json/json_result.h"
#include "reports/text/comparison_report.h"
#include "reports/text/watch_report.h"
#include "reports/text/wrap.h"

namespace npyrace {
namespace {

constexpr const char* kGateDescription =
    "Fail when NEW is worse than BASE beyond noise: a cell that was safe and is not, a cell that is\n"
    "missing or did not run, or a slowdown whose whole confidence interval is beyond --max-slowdown,\n"
    "corrected for the number of cells. A cell with too much noise to decide does not fail, but the\n"
    "last line counts it as not measurable. Google Benchmark's JSON is read as well. With\n"
    "two results of watch, the gate fails if NEW has a hazard that BASE does not have.\n\n"
    "On a machine that others use, measure in rounds (--rerun with {side}, or --paired) and compare\n"
    "processor time (--time cpu). docs/gate-statistics.md gives the error rates and the number of\n"
    "rounds needed.";

constexpr const char* kGateExits =
    "Exit code: 0 passed (the last line counts undecided cells), 1 failed, 2 usage, 3 no cell could be\n"
    "decided, a result cannot be read, or --rerun's command failed.";

struct GateOptions {
  SideOptions sides;
  std::string max_slowdown = "10%";
  std::string history;
  RerunPlan rerun;
  std::string junit;
  bool annotations = false;
  bool update = false;
  bool allow_missing = false;
  bool allow_unmeasured = false;
};

/// Parses "10%" or "0.1".
double parse_share(const std::string& text) {
  std::size_t used = 0;
  double value = 0;
  try {
    value = std::stod(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  if (used + 1 == text.size() && text.back() == '%') {
    value /= 100;
    ++used;
  }
  if (used == 0 || used != text.size() || !(value > 0) || !std::isfinite(value) || value > 100)
    throw UsageError(
        fmt::format("--max-slowdown: '{}' is no share above 0, as in 10% or 0.1", text));
  return value;
}

GateResult judge_sides(const GateOptions& options, const Sides& sides, double max_slowdown) {
  const GateLimits limits{.max_slowdown = max_slowdown,
                          .allow_missing = options.allow_missing,
                          .allow_unmeasured = options.allow_unmeasured};
  const GateResult first = gate(sides, limits);
  if (options.rerun.command.empty()) return first;
  RerunPlan plan = options.rerun;
  plan.prepare = [&options](Measurements& run) { prepare(run, options.sides); };
  return wants_rerun(first, plan) ? measure_again(plan, sides, limits, first) : first;
}

void look_at_history(const GateOptions& options, const Sides& sides, GateResult& result) {
  if (options.history.empty()) return;
  std::vector<Measurements> history = read_history(options.history, options.sides.candidate());
  for (Measurements& run : history) prepare(run, options.sides);
  history.insert(history.end(), sides.candidate.begin(), sides.candidate.end());
  judge_history(history, result);
}

void update(const GateOptions& options) {
  const std::string base = options.sides.base().front();
  const std::string candidate = options.sides.candidate().front();
  if (read_measurements(candidate).cells.empty())
    throw std::runtime_error(fmt::format("{}: it has no cells, so it can be no base", candidate));
  write_file_atomically(base, read_text_file(candidate));
  print_output("gate: {} is the base from now on, in {}\n", printable(candidate), printable(base));
}

void require_one_of_each(const GateOptions& options) {
  if (options.sides.base().size() != 1 || options.sides.candidate().size() != 1)
    throw UsageError("--update replaces one BASE by one NEW: give exactly one of each");
}

/// True if there is no base yet and --update creates it.
bool is_first_base(const GateOptions& options) {
  if (!options.update) return false;
  require_one_of_each(options);
  return !std::filesystem::exists(options.sides.base().front());
}

/// The gate for two results of `watch`; nothing if the sides are others.
std::optional<ExitCode> gate_watched(const GateOptions& options) {
  if (options.sides.base().size() != 1 || options.sides.candidate().size() != 1)
    return std::nullopt;
  const std::string base_path = options.sides.base()[0], path = options.sides.candidate()[0];
  const auto base = read_watch_result_file(base_path);
  const auto candidate = read_watch_result_file(path);
  if (!base && !candidate) return std::nullopt;
  if (!base || !candidate)
    throw UsageError(fmt::format("{} is a result of watch, and {} is not", base ? base_path : path,
                                 base ? path : base_path));
  const std::vector<std::string> found = new_hazards(*base, *candidate);
  std::string text;
  for (const std::string& line : found) text += paragraph("new hazard: " + line) + "\n";
  text += found.empty() ? "gate: passed; no new hazard\n"
                        : fmt::format("gate: FAILED; {} new hazards\n", found.size());
  if (!options.junit.empty()) write_file_atomically(options.junit, watch_junit(*candidate));
  write_output(text, "");
  if (options.update) {
    write_file_atomically(base_path, read_text_file(path));
    return ExitCode::fine;
  }
  return found.empty() ? ExitCode::fine : ExitCode::unsafe;
}

ExitCode run_gate(const GateOptions& options) {
  catch_interrupts();
  const double max_slowdown = parse_share(options.max_slowdown);
  if (!options.rerun.command.empty() && options.rerun.command.find("{json}") == std::string::npos)
    throw UsageError("--rerun: the command needs {json}, the path for its result");
  if (is_first_base(options)) {
    update(options);
    return ExitCode::fine;
  }
  if (const auto code = gate_watched(options)) return *code;
  const Sides sides = read_sides(options.sides);
  GateResult result = judge_sides(options, sides, max_slowdown);
  look_at_history(options, sides, result);
  if (!options.junit.empty()) write_file_atomically(options.junit, gate_junit(result));
  write_output(gate_report(result, style_of_standard_output()), "");
  if (options.annotations) write_output(gate_annotations(result), "");
  if (options.update) {
    update(options);
    return ExitCode::fine;
  }
  if (result.failed()) return ExitCode::unsafe;
  return result.compared_nothing() && !options.allow_unmeasured ? ExitCode::trouble
                                                                : ExitCode::fine;
}

}  // namespace

Action declare_gate(CLI::App& app) {
  auto options = std::make_shared<GateOptions>();
  app.description(kGateDescription);
  app.footer(kGateExits);
  app.option_defaults()->group("What fails");
  app.add_option("--max-slowdown", options->max_slowdown,
                 "By how much the time per record may grow")
      ->capture_default_str()
      ->type_name("P%");
  app.add_option(
         "--history", options->history,
         "A folder of earlier results (*.json): fail also if many small slowdowns add up, and name "
         "the commits between which that happened (of results made with run --label commit=...)")
      ->type_name("DIR");
  app.add_flag("--allow-missing", options->allow_missing,
               "Cells of BASE that are missing in NEW or did not run are listed but do not fail");
  app.add_flag("--allow-unmeasured", options->allow_unmeasured,
               "Exit with 0 even if no cell could be decided");
  app.option_defaults()->group("Results");
  app.add_option("--junit", options->junit,
                 "Write a JUnit file with a test case per cell, for CI servers")
      ->type_name("FILE");
  app.add_flag("--annotations", options->annotations,
               "Print failures also as annotations for GitHub's CI (::error and the like)");
  app.add_flag("--update", options->update,
               "Replace BASE by NEW afterwards, whether or not the gate passes, and exit with 0");
  app.option_defaults()->group("Measure again before the gate fails");
  app.add_option(
         "--rerun", options->rerun.command,
         "A shell command that measures again; {json} is replaced by the path for its result. If "
         "it contains {side}, which is replaced by base or new, both sides are measured in "
         "rounds, and cells with too much noise are measured again, too")
      ->type_name("COMMAND");
  app.add_option("--rerun-rounds", options->rerun.rounds,
                 "Maximum number of rounds; they end as soon as all cells are decided")
      ->check(whole_number(1, 1000))
      ->capture_default_str()
      ->type_name("N");
  add_side_options(app, options->sides);
  return [options] { return run_gate(*options); };
}

}  // namespace npyrace
