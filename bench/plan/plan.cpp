#include "bench/plan/plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <random>
#include <set>

#include "bench/plan/launcher_plan.h"
#include "bench/plan/scenario.h"
#include "bench/storage/stripe.h"
#include "bench/strategies/race_order.h"
#include "core/array/layout.h"
#include "core/array/ownership.h"
#include "core/array/stamp.h"
#include "core/base/checked.h"
#include "core/base/error.h"
#include "core/file/posix_file.h"
#include "core/npy/dtype.h"
#include "core/os/temporary_folder.h"

namespace npyrace {
namespace {

template <typename Value>
void override_axis(std::vector<Value>& axis, const std::vector<Value>& typed) {
  if (!typed.empty()) axis = typed;
}

/// With --exec the program replaces the scenario's strategies and launchers.
void let_program_write(Axes& axes, const RunOptions& options, const ExecPlan& exec) {
  if (!exec.any()) return;
  if (!options.strategies.empty() || !options.mix.empty() || !options.launchers.empty())
    throw UsageError(
        "--exec brings its own strategy and launcher; drop --strategies, --mix and --launcher");
  axes.strategies.clear();
  for (const ExecProgram& program : exec.programs) axes.strategies.push_back(program.strategy());
  axes.launchers = {kExec};
  if (exec.serial && !options.ownerships.empty())
    throw UsageError(
        "--expect serial: the program itself chooses which records each writer writes; drop --ownership");
  if (exec.create.empty() && !exec.serial) return;
  if (options.layouts.empty()) axes.layouts = {"packed"};
  if (exec.serial && std::ranges::count(axes.layouts, "padded-block") > 0)
    throw UsageError(
        "--expect serial: padded-block needs the blocks that npyrace assigns, but the program chooses "
        "its rows itself; use --layouts packed or padded-record");
  if (exec.create.empty()) return;
  for (const std::string& layout : axes.layouts)
    if (find_layout(layout).padded)
      throw UsageError("--exec-create makes a plain array; drop --layouts " + layout);
}

/// A mixture is an additional strategy, named after its parts.
std::vector<std::string> strategies_typed(const RunOptions& options) {
  std::vector<std::string> names = options.strategies;
  if (options.mix.size() == 1)
    throw UsageError("--mix wants two strategies or more, as in --mix mmap,pwrite");
  if (!options.mix.empty()) names.push_back(fmt::format("{}", fmt::join(options.mix, "+")));
  return names;
}

Axes with_options(Axes axes, const RunOptions& options, const RunPlan& plan) {
  override_axis(axes.strategies, strategies_typed(options));
  override_axis(axes.layouts, options.layouts);
  override_axis(axes.aligns_bytes, options.aligns_bytes);
  override_axis(axes.ownerships, options.ownerships);
  override_axis(axes.syncs, options.syncs);
  override_axis(axes.launchers, options.launchers);
  override_axis(axes.caches, options.caches);
  override_axis(axes.writers, options.writers);
  if (options.launchers == std::vector<std::string>{kSlurm} && options.caches.empty())
    axes.caches = {"as-is"};
  if (plan.ranks.size() > 1 && options.writers.empty()) axes.writers = {plan.ranks.size()};
  let_program_write(axes, options, plan.exec);
  // An explicit number is not reduced or extended.
  if (options.generations) axes.budget_seconds = axes.further_seconds = 0;
  axes.generations = options.generations.value_or(axes.generations);
  axes.repetitions = options.repetitions.value_or(axes.repetitions);
  if (options.array.records || !options.array.shape.empty()) axes.most_file_bytes = 0;
  if (axes.generations == 0 || axes.generations > kLastGeneration)
    throw UsageError(fmt::format("--generations must be 1 to {}", kLastGeneration));
  if (axes.repetitions == 0) throw UsageError("--repetitions must be 1 or more");
  return axes;
}

/// One point of a matrix, by names as typed.
struct Point {
  std::string strategy, layout, ownership, sync, launcher, cache;
  std::optional<std::uint64_t> align_bytes;  ///< nothing: the usual unit of the layout
  std::uint64_t writers = 0;
};

std::vector<std::optional<std::uint64_t>> aligns_of(const Axes& axes) {
  if (axes.aligns_bytes.empty()) return {std::nullopt};
  return {axes.aligns_bytes.begin(), axes.aligns_bytes.end()};
}

std::vector<Point> multiply(const Axes& axes) {
  std::vector<Point> points;
  for (const auto& layout : axes.layouts)
    for (const auto& cache : axes.caches)
      for (const auto& ownership : axes.ownerships)
        for (const auto& align_bytes : aligns_of(axes))
          for (const auto& sync : axes.syncs)
            for (const auto& launcher : axes.launchers)
              for (const std::uint64_t writers : axes.writers)
                for (const auto& strategy : axes.strategies)
                  points.push_back(
                      {strategy, layout, ownership, sync, launcher, cache, align_bytes, writers});
  return points;
}

/// Blocks of writers are kept apart by stripes where the file system has any. A stripe for each
/// record would make a file of gigabytes.
std::uint64_t usual_unit(const Point& point, const RunPlan& plan) {
  if (point.layout != "padded-block") return page_bytes();
  const std::uint64_t stripes = stripe_align_bytes(plan.mounts.front().description, page_bytes());
  return stripes > 0 ? stripes : page_bytes();
}

/// Packed records have no alignment: the unit that they may share is a page, unless exactly one
/// unit was requested.
std::uint64_t unit_of(const Point& point, const Axes& axes, const RunPlan& plan, bool padded) {
  if (!point.align_bytes) return usual_unit(point, plan);
  return padded || axes.aligns_bytes.size() == 1 ? *point.align_bytes : page_bytes();
}

/// Reduces the number of records if padding would make the file too large.
std::uint64_t records_of(const Axes& axes, const ArrayRequest& array, std::uint64_t align_bytes,
                         bool padded) {
  constexpr std::uint64_t kFewest = 16;
  if (!padded || axes.most_file_bytes == 0) return array.records;
  const std::uint64_t most = std::max(kFewest, axes.most_file_bytes / align_bytes);
  return std::min(array.records, most);
}

/// Stable between runs, because results are compared by name. Packed layouts have no alignment.
std::string cell_name(const CellDescription& cell) {
  const std::string layout =
      cell.padded() ? fmt::format("{}@{}", cell.layout, cell.align_bytes) : cell.layout;
  const std::string cache = cell.cache == "as-is" ? "" : "/cache:" + cell.cache;
  const std::string readers = cell.readers == 0 ? "" : fmt::format("/readers:{}", cell.readers);
  return fmt::format("{}/{}/{}/{}/{}/writers:{}/mounts:{}/records:{}x{}/generations:{}{}{}",
                     cell.strategy, layout, cell.ownership, cell.sync, cell.launcher, cell.writers,
                     cell.mounts, cell.records, cell.record_bytes, cell.generations, cache,
                     readers);
}

/// Strategy and launcher `exec` require a program and an ownership that can be passed to it as a
/// slice.
void require_program(const Point& point, const RunPlan& plan) {
  const bool by_program = point.strategy == "exec" || point.launcher == kExec;
  if (by_program && !plan.exec.any())
    throw UsageError(
        "strategy and launcher exec run your own program: give it with --exec 'COMMAND'");
  if (by_program && point.ownership == "random")
    throw UsageError(
        "--exec passes programs their records as a slice, which is not possible with random ownership");
}

Cell make_cell(const Point& point, const Axes& axes, const ArrayRequest& array,
               const std::string& scenario, const RunPlan& plan, std::size_t hosts) {
  require_program(point, plan);
  require_launcher(point.launcher,
                   {.ranks = plan.ranks, .writers = point.writers, .cache = point.cache});
  Cell cell{.array = array,
            .strategies = find_strategies(point.strategy),
            .launcher = &find_launcher(point.launcher),
            .cache = &find_cache(point.cache),
            .repetitions = axes.repetitions};
  cell.caches = has_ranks(point.launcher) ? caches_of(plan.ranks, point.writers) : plan.caches();
  cell.array.layout = point.layout;
  const bool padded = find_layout(point.layout).padded;
  cell.array.align_bytes = unit_of(point, axes, plan, padded);
  cell.array.records = records_of(axes, array, cell.array.align_bytes, padded);
  cell.array.ownership = find_ownership(point.ownership);
  cell.array.writers = point.writers;
  cell.array.seed = plan.seed;
  const ArrayMap map(cell.array);
  const bool copies_values = point.launcher == kExec && !plan.exec.serial;
  if (copies_values && !map.too_few_values().empty())
    throw UsageError("--exec copies values: " + map.too_few_values());
  cell.description = {.scenario = scenario,
                      .strategy = point.strategy,
                      .layout = point.layout,
                      .align_bytes = cell.array.align_bytes,
                      .ownership = point.ownership,
                      .sync = to_string(parse_sync_policy(point.sync)),
                      .cache = point.cache,
                      .launcher = point.launcher,
                      .writers = point.writers,
                      // With launcher ssh every host counts as a mount of its own.
                      .mounts = std::max(point.launcher == kSsh ? hosts : 0, plan.mounts.size()),
                      .records = cell.array.records,
                      .record_bytes = map.record_bytes(),
                      .generations = axes.generations,
                      .readers = plan.readers,
                      .descr = descr_text(dtype_from_text(array.descr)),
                      .row_shape = array.row_shape};
  if (plan.exec.serial) cell.description.ownership = kOfProgram;
  cell.description.name = cell_name(cell.description);
  return cell;
}

void add_cells(RunPlan& plan, const std::string& scenario, Axes scenario_axes,
               const RunOptions& options) {
  const Axes axes = with_options(std::move(scenario_axes), options, plan);
  const ArrayRequest array = array_request(options.array, axes.records);
  plan.further_seconds = std::max(plan.further_seconds, axes.further_seconds);
  const std::vector<Point> points = multiply(axes);
  for (const Point& point : points) {
    Cell cell = make_cell(point, axes, array, scenario, plan, options.ssh.hosts.size());
    cell.budget_seconds =
        axes.budget_seconds / static_cast<double>(points.size() * axes.repetitions);
    const bool known = std::ranges::any_of(plan.cells, [&](const Cell& other) {
      return other.description.name == cell.description.name;
    });
    if (!known) plan.cells.push_back(std::move(cell));
  }
}

/// Reports unknown names as errors of the scenario file.
void add_cells_of(RunPlan& plan, const std::string& file, const RunOptions& options) {
  const FileScenario scenario = read_scenario(file);
  naming(file, [&] { add_cells(plan, scenario.name, scenario.axes, options); });
  plan.scenarios.push_back(scenario.name);
}

/// The overlap of programs is derived from opens of the file, so a reader would count as a writer.
void require_own_writers(const RunOptions& options) {
  if (options.readers && !options.exec.programs.empty())
    throw UsageError(
        "--readers would be taken for writers of --exec, which are seen by their opening the file; "
        "drop one of the two");
}

/// The maximum space that the run needs at any time.
std::uint64_t space_needed(const RunPlan& plan) {
  CheckedSize largest = 0;
  CheckedSize all = 0;
  for (const Cell& cell : plan.cells) {
    const std::uint64_t file_bytes = ArrayMap(cell.array).file_bytes();
    largest = std::max(largest, CheckedSize(file_bytes));
    all = checked_add(all, checked_multiply(file_bytes, cell.repetitions));
  }
  return fit(plan.keep ? all : largest, "what --keep leaves");
}

void require_space(const RunPlan& plan) {
  const std::uint64_t needed_bytes = space_needed(plan);
  const Mount& mount = plan.mounts.front();
  if (needed_bytes <= mount.free_bytes) return;
  throw FormatError(
      fmt::format("{}: {} bytes are needed and {} are free; choose another --dir or "
                  "fewer --records",
                  mount.description.dir, needed_bytes, mount.free_bytes));
}

std::map<std::string, std::string> parse_labels(const std::vector<std::string>& labels) {
  std::map<std::string, std::string> result;
  for (const std::string& label : labels) {
    const std::size_t equals = label.find('=');
    if (equals == std::string::npos || equals == 0)
      throw UsageError(fmt::format("--label '{}' is not of the form KEY=VALUE", label));
    result[label.substr(0, equals)] = label.substr(equals + 1);
  }
  return result;
}

}  // namespace

bool needs_locks(const Cell& cell) {
  return std::ranges::any_of(cell.strategies,
                             [](const StrategyRow* row) { return row->strategy.needs_locks; });
}

std::vector<std::string> RunPlan::dirs() const {
  std::vector<std::string> dirs;
  for (const Mount& mount : mounts) dirs.push_back(mount.description.dir);
  return dirs;
}

std::vector<std::uint64_t> RunPlan::caches() const {
  std::vector<std::uint64_t> caches;
  for (const Mount& mount : mounts) caches.push_back(mount.cache);
  return caches;
}

std::size_t RunPlan::cache_count() const {
  const auto all = ranks.empty() ? caches() : caches_of(ranks, ranks.size());
  return std::set(all.begin(), all.end()).size();
}

std::size_t Cell::cache_count() const {
  return std::set(caches.begin(), caches.end()).size();
}

namespace {

/// Empty: strategies use the folder for temporary files.
std::string local_dir_of(const RunOptions& options) {
  std::error_code error;
  if (!options.local.empty() && !std::filesystem::is_directory(options.local, error))
    throw SystemError({options.local, "--local"}, error ? error.value() : ENOTDIR);
  return options.local;
}

bool stores_locally(const Cell& cell) {
  return std::ranges::any_of(cell.strategies,
                             [](const StrategyRow* row) { return row->strategy.stores_locally; });
}

std::string local_strategies() {
  std::string names;
  for (const StrategyRow& row : strategy_table())
    if (row.strategy.stores_locally) names += (names.empty() ? "" : ", ") + std::string(row.name);
  return names;
}

/// Checks before the race that every required local folder exists.
void require_local_dir(const RunPlan& plan) {
  const bool needed = std::ranges::any_of(plan.cells, stores_locally);
  if (!plan.local_dir.empty() && !needed && !plan.cells.empty())
    throw UsageError(
        fmt::format("--local is the folder of strategy {}, which is not raced: add it to "
                    "--strategies",
                    local_strategies()));
  if (plan.local_dir.empty() && needed) temporary_folder();
}

}  // namespace

RunPlan make_plan(const RunOptions& options, std::span<const ScenarioRow> scenario_table,
                  const AskRanks& ask_ranks) {
  require_own_writers(options);
  refuse_unused(options);
  RunPlan plan{.scenarios = options.scenarios,
               .repetitions = options.repetitions,
               .seed = options.seed.value_or(std::random_device{}()),
               .patience = options.patience,
               .readers = options.readers.value_or(0),
               .keep = options.keep,
               .labels = parse_labels(options.labels),
               .exec = make_exec_plan(options.exec),
               .slurm = make_slurm_order(options.slurm, options.npyrace, options.dirs,
                                         wants(options, kSlurm)),
               .local_dir = local_dir_of(options),
               .verbosity = options.verbosity};
  if (plan.scenarios.empty() && options.scenario_files.empty())
    plan.scenarios = {plan.exec.any() ? kExecScenario : scenario_table.front().name};
  std::vector<const ScenarioRow*> scenarios;
  for (const std::string& name : plan.scenarios)
    scenarios.push_back(&find_scenario(name, scenario_table));
  plan.mounts = look_at_mounts(options.dirs.empty() ? std::vector<std::string>{"."} : options.dirs);
  look_at_stripes(plan.mounts);
  plan.judge_dir = options.judge.empty() ? plan.dirs().front() : options.judge;
  plan.lab = options.lab;
  if (wants_ranks(options) && ask_ranks) plan.ranks = ask_ranks(plan.dirs(), plan.judge_dir);
  for (const ScenarioRow* scenario : scenarios) {
    if (scenario->axes != nullptr)
      add_cells(plan, scenario->name, scenario->axes(plan.cache_count()), options);
    else
      plan.experiments.push_back(scenario);
    if (scenario->draws_cells) plan.drawn = options;
  }
  for (const std::string& file : options.scenario_files) add_cells_of(plan, file, options);
  check_experiments(scenarios, options, plan);
  require_local_dir(plan);
  require_space(plan);
  return plan;
}

RunPlan make_cell_plan(const RunPlan& base, const RunOptions& options) {
  RunPlan plan{.scenarios = options.scenarios,
               .mounts = base.mounts,
               .judge_dir = base.judge_dir,
               .lab = base.lab,
               .seed = options.seed.value_or(base.seed),
               .patience = base.patience,
               .exec = make_exec_plan(options.exec),
               .local_dir = base.local_dir,
               .verbosity = Verbosity::quiet};
  add_cells(plan, options.scenarios.front(), {}, options);
  require_space(plan);
  return plan;
}

}  // namespace npyrace
