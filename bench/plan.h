#pragma once
// A run that can be meant: every name known, every size checked, every cell spelled out.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/launchers/exec_plan.h"
#include "bench/launchers/launcher.h"
#include "bench/mounts.h"
#include "bench/options.h"
#include "bench/race/page_cache.h"
#include "bench/semantics/semantics.h"
#include "bench/strategies/strategy.h"
#include "core/array_map.h"
#include "core/result.h"

namespace npyrace {

struct Cell {
  CellDescription description;
  ArrayRequest array;
  const StrategyRow* strategy = nullptr;
  const LauncherRow* launcher = nullptr;
  const CacheRow* cache = nullptr;
  bool padded = false;
  std::uint64_t repetitions = 1;
  /// Generations end early so that a repetition takes about so long; 0: as many as planned.
  double budget_seconds = 0;
};

struct RunPlan {
  std::vector<std::string> scenarios;
  std::vector<Mount> mounts;
  std::string judge_dir;  ///< files are judged through it, past its page cache
  std::string lab;        ///< the model, when the mounts are a lab's
  std::vector<Cell> cells;
  std::optional<SemanticsPlan> semantics;
  double further_seconds = 0;  ///< see Axes
  std::uint64_t seed = 0;
  std::chrono::seconds patience{120};
  std::uint64_t readers = 0;
  bool keep = false;
  std::map<std::string, std::string> labels;
  ExecPlan exec;  ///< programs of cells whose launcher is exec
  Talk talk = Talk::usual;
  std::string json;

  std::vector<std::string> dirs() const;
  /// Names of the page caches behind the mounts, one a mount.
  std::vector<std::uint64_t> caches() const;
  /// How many different page caches those are: that many nodes are really raced.
  std::size_t cache_count() const;
};

/// Throws UsageError for what cannot be meant, SystemError for what is not there, and FormatError
/// ("not enough space") when a file would not fit.
RunPlan make_plan(const RunOptions& options);

/// What a record is, from the options that say it. Throws UsageError when they contradict.
ArrayRequest array_request(const ArrayOptions& options, std::uint64_t default_records);

/// The same with one way to lay records out and to share them. Throws UsageError.
ArrayRequest placed(ArrayRequest request, const PlacementOptions& placement);

}  // namespace npyrace
