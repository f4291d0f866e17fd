#pragma once
// What a scenario found out that races no cells: one form for all of them.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/verdict.h"

namespace npyrace {

/// How many of the samples took from `from_seconds` to less than `to_seconds`.
struct LatencyBar {
  double from_seconds = 0, to_seconds = 0;
  std::uint64_t samples = 0;
};

/// How long one kind of act took, over many of it.
struct LatencyResult {
  std::string name;  ///< "first write"
  std::uint64_t samples = 0;
  double p50_seconds = 0, p90_seconds = 0, p99_seconds = 0, max_seconds = 0;
  std::vector<LatencyBar> histogram;  ///< ascending, without empty bars
};

inline constexpr std::size_t kMostExperimentExamples = 8;

struct ExperimentResult {
  std::string scenario;
  std::string name;                ///< stable from run to run, and unique in its scenario
  std::optional<Verdict> verdict;  ///< nothing: it was a measurement, no data were at stake
  std::string reason;
  /// In the words of the scenario, in its order: the same for all its experiments, which become
  /// the columns of a table.
  std::vector<std::pair<std::string, std::uint64_t>> counts;
  std::vector<std::string> examples;  ///< at most kMostExperimentExamples
  std::vector<LatencyResult> latencies;

  void add_example(std::string words) {
    if (examples.size() < kMostExperimentExamples) examples.push_back(std::move(words));
  }
};

}  // namespace npyrace
