#pragma once
// Random cells of scenario `soak`, the command that reproduces one, and the tally of their results.
// Pure.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bench/plan/options.h"
#include "core/result/result.h"

namespace npyrace {

/// The values of each axis to draw from.
struct SoakChoices {
  std::vector<std::string> strategies, layouts, ownerships, syncs, launchers, caches;
};

/// Draws the options of one cell, deterministic for a seed. For axes that were typed, draws one of
/// the typed values. The size is limited so that a cell takes a few seconds.
RunOptions draw_cell(const SoakChoices& choices, const RunOptions& typed, std::uint64_t seed);

/// The shell command `run` with these options, independent of the working directory.
std::string replay_command(const RunOptions& drawn);

// Counts all cells and keeps those with anomalies, up to a limit.

class SoakTally {
 public:
  /// Further anomalies are only counted, and the result says so.
  static constexpr std::size_t kMostKept = 1000;
  /// Examples kept per cell.
  static constexpr std::size_t kMostExamplesKept = 4;

  /// True if the cell has losses or could not be raced.
  static bool is_news(const CellResult& cell);

  void add(CellResult cell);

  /// "12 cells, 3 unsafe"
  std::string words() const;

  /// Adds an experiment for all cells, one per strategy, and the kept cells. `cut_short`: the run
  /// was interrupted.
  void into(RunResult& result, double seconds, bool cut_short) const;

  std::uint64_t told = 0;  ///< number of anomalies already reported

 private:
  using Counts = std::map<Verdict, std::uint64_t>;
  ExperimentResult experiment(const std::string& name, const Counts& counts) const;

  Counts all_;
  std::map<std::string, Counts> by_strategy_;
  std::vector<CellResult> kept_;
  std::uint64_t not_kept_ = 0;
};

}  // namespace npyrace
