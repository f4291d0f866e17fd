#pragma once
// Cells drawn at random, and the command that races one again. Pure.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bench/plan/options.h"
#include "core/result/result.h"

namespace npyrace {

/// What may be drawn, by names.
struct SoakChoices {
  std::vector<std::string> strategies, layouts, ownerships, syncs, launchers, caches;
};

/// The options of one cell, all of them spelled out: the same seed always draws the same. Where
/// something was typed, one of the values typed is drawn. No cell is larger than some seconds.
RunOptions draw_cell(const SoakChoices& choices, const RunOptions& typed, std::uint64_t seed);

/// For a shell, in any folder: `run` with these options, as draw_cell made them.
std::string replay_command(const RunOptions& drawn);

// What random cells came to: counted all, kept where something went wrong. Bounded.

class SoakTally {
 public:
  /// Beyond these, anomalies are only counted, and that is said.
  static constexpr std::size_t kMostKept = 1000;
  /// Of a cell that is kept.
  static constexpr std::size_t kMostExamplesKept = 4;

  /// Something lost, or a race that could not be run.
  static bool is_news(const CellResult& cell);

  void add(CellResult cell);

  /// "12 cells, 3 unsafe"
  std::string words() const;

  /// An experiment for all and one a strategy, and the cells kept. `cut_short`: somebody ended it.
  void into(RunResult& result, double seconds, bool cut_short) const;

  std::uint64_t told = 0;  ///< news that were told already

 private:
  using Counts = std::map<Verdict, std::uint64_t>;
  ExperimentResult experiment(const std::string& name, const Counts& counts) const;

  Counts all_;
  std::map<std::string, Counts> by_strategy_;
  std::vector<CellResult> kept_;
  std::uint64_t not_kept_ = 0;
};

}  // namespace npyrace
