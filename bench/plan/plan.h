#pragma once
// A run that can be meant: every name known, every size checked, every cell spelled out.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
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
  std::vector<const StrategyRow*> strategies;  ///< one, or a mixture: writer w uses w modulo these
  const LauncherRow* launcher = nullptr;
  const CacheRow* cache = nullptr;
  bool padded = false;
  std::uint64_t repetitions = 1;
  std::vector<std::uint64_t> caches;  ///< page cache of writer w: number w modulo these

  /// Whether several writers write the file; else one writes for all.
  bool contended() const { return strategies.front()->strategy.together() == Together::nothing; }
  std::vector<std::string> writer_strategies() const {
    std::vector<std::string> names;
    for (const StrategyRow* row : strategies) names.push_back(row->name);
    return names;
  }

  /// How many different page caches those are: that many nodes are really raced.
  std::size_t cache_count() const;

  /// Whether it is known who writes which unit: a library may let any rank write for others.
  bool tells_who_writes() const { return strategies.front()->strategy.writes_where_it_runs(); }

  /// Generations end early so that a repetition takes about so long; 0: as many as planned.
  double budget_seconds = 0;
};

/// Whether anybody in it trusts locks to keep others out.
bool needs_locks(const Cell& cell);

struct RunPlan {
  std::vector<std::string> scenarios;
  std::vector<Mount> mounts;
  std::vector<RankPlace> ranks;  ///< of writers with launchers mpi and ssh; else empty
  std::string judge_dir;         ///< files are judged through it, past its page cache
  std::string lab;               ///< the model, when the mounts are a lab's
  std::vector<Cell> cells;
  std::vector<const ScenarioRow*> experiments;  ///< scenarios that have some, in the order typed
  RunOptions options;                           ///< what was typed: experiments plan by themselves
  double further_seconds = 0;                   ///< see Axes
  std::uint64_t seed = 0;
  std::chrono::seconds patience{120};
  std::uint64_t readers = 0;
  bool keep = false;
  std::map<std::string, std::string> labels;
  ExecPlan exec;          ///< programs of cells whose launcher is exec
  SlurmOrder slurm;       ///< of cells whose launcher is slurm
  std::string local_dir;  ///< of this node alone, for strategies that store there first
  Verbosity verbosity = Verbosity::usual;

  std::vector<std::string> dirs() const;
  /// Names of the page caches behind the mounts, one a mount.
  std::vector<std::uint64_t> caches() const;
  /// How many different page caches writers can have: behind the mounts, of all hosts there are.
  std::size_t cache_count() const;
};

/// Asks ranks, those that can be writers, where they are.
using AskRanks = std::function<std::vector<RankPlace>(const std::vector<std::string>& dirs,
                                                      const std::string& judge_dir)>;

/// Throws UsageError for what cannot be meant, SystemError for what is not there, and FormatError
/// ("not enough space") when a file would not fit. `ask_ranks` is for those that want ranks.
RunPlan make_plan(const RunOptions& options, std::span<const ScenarioRow> scenarios,
                  const AskRanks& ask_ranks = {});

/// A plan for the one cell that `options` spell out, on the mounts of a plan that was made. Throws
/// as make_plan does.
RunPlan make_cell_plan(const RunPlan& base, const RunOptions& options);

}  // namespace npyrace
