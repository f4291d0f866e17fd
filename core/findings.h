#pragma once
// What validators find in a file: plain values that add up.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/anomaly.h"

namespace npyrace {

/// One anomaly in full, for people.
struct Example {
  Anomaly anomaly = Anomaly::lost;
  std::uint64_t record = 0;        ///< element along the array's first axis
  std::uint64_t offset_bytes = 0;  ///< in the file
  std::uint64_t writer = 0;
  std::string expected;                     ///< "generation 2"
  std::string found;                        ///< "generation 1", "zeros", "record 17, generation 2"
  std::string view;                         ///< read path and mount that show it: "direct@/mnt/a"
  std::uint64_t unit = 0;                   ///< alignment unit: offset / alignment
  std::vector<std::uint64_t> unit_writers;  ///< writers that share the unit, ascending, cut short
};

inline constexpr std::size_t kMostExamples = 20;

/// Counts are exact; examples are the first few in file order, whatever order they came in.
struct Findings {
  std::uint64_t records_checked = 0;
  std::uint64_t unwritten = 0;
  AnomalyCounts anomalies;
  std::vector<Example> examples;

  void add(Example example);
  void merge(Findings other);
};

}  // namespace npyrace
