#pragma once
// What random cells came to: counted all, kept where something went wrong. Bounded.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/result.h"

namespace npyrace {

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
