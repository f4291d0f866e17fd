#pragma once
// The validated plan of a run: all names resolved, all sizes checked, all cells listed.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/launchers/launcher.h"
#include "bench/plan/launcher_plan.h"
#include "bench/plan/options.h"
#include "bench/remote/rank_place.h"
#include "bench/storage/mounts.h"
#include "bench/storage/views.h"
#include "bench/strategies/strategy.h"
#include "core/array/array_map.h"
#include "core/result/result.h"

namespace npyrace {

struct ScenarioRow;

struct Cell {
  CellDescription description;
  ArrayRequest array;
  /// One, or a mixture: writer w uses strategies[w modulo size].
  std::vector<const StrategyRow*> strategies;
  const LauncherRow* launcher = nullptr;
  const CacheRow* cache = nullptr;
  std::uint64_t repetitions = 1;
  std::vector<std::uint64_t> caches;  ///< writer w uses page cache caches[w modulo size]

  /// True if several writers write the file; false if one writes for all.
  bool contended() const { return strategies.front()->strategy.together == Aggregation::nothing; }
  std::vector<std::string> writer_strategies() const {
    std::vector<std::string> names;
    for (const StrategyRow* row : strategies) names.push_back(row->name);
    return names;
  }

  /// Number of distinct page caches, which is the number of nodes that take part.
  std::size_t cache_count() const;

  /// True if it is known which writer writes which unit; with collective MPI-IO, for example, any
  /// rank may write for others.
  bool tells_who_writes() const { return strategies.front()->strategy.writes_where_it_runs; }

  /// Target duration of a repetition; the number of generations is reduced to meet it. 0: no limit.
  double budget_seconds = 0;
};

/// True if a strategy of the cell relies on locks.
bool needs_locks(const Cell& cell);

struct RunPlan {
  std::vector<std::string> scenarios;
  std::vector<Mount> mounts;
  std::vector<RankPlace> ranks;  ///< ranks for writers of launchers mpi and ssh; else empty
  std::string judge_dir;         ///< directory through which files are judged, past its page cache
  std::string lab;               ///< model name, when the mounts are a lab's
  std::vector<Cell> cells;
  std::vector<const ScenarioRow*> experiments;  ///< scenarios with experiments, in the order typed
  /// As typed; without it each experiment uses its own default.
  std::optional<std::uint64_t> repetitions;
  std::optional<RunOptions> drawn;  ///< for scenario soak: the options from which it draws cells
  double further_seconds = 0;       ///< see Axes
  std::uint64_t seed = 0;
  std::chrono::seconds patience{120};
  std::uint64_t readers = 0;
  bool keep = false;
  std::map<std::string, std::string> labels;
  ExecPlan exec;          ///< user programs, for cells of launcher exec
  SlurmOrder slurm;       ///< for cells of launcher slurm
  std::string local_dir;  ///< node-local, for strategies that store there first
  Verbosity verbosity = Verbosity::usual;

  std::vector<std::string> dirs() const;
  /// Page cache of each mount (st_dev).
  std::vector<std::uint64_t> caches() const;
  /// Largest number of distinct page caches that writers can use: behind the mounts, on all hosts.
  std::size_t cache_count() const;
};

/// Asks all ranks that can be writers where they run.
using AskRanks = std::function<std::vector<RankPlace>(const std::vector<std::string>& dirs,
                                                      const std::string& judge_dir)>;

/// Throws UsageError for invalid options, SystemError for directories that are not usable, and
/// FormatError ("not enough space") when a file would not fit. `ask_ranks` is called only for
/// launchers with ranks.
RunPlan make_plan(const RunOptions& options, std::span<const ScenarioRow> scenarios,
                  const AskRanks& ask_ranks = {});

/// Returns a plan for the single cell that `options` describe, on the mounts of `base`. Throws as
/// make_plan does.
RunPlan make_cell_plan(const RunPlan& base, const RunOptions& options);

}  // namespace npyrace
