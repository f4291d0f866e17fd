#pragma once
// Google Benchmark, behind one door: it repeats, interleaves at random, and writes its JSON.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace npyrace {

struct Measurement {
  double seconds = 0;
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;
  std::string error;  ///< not empty: there is no time to report
};

struct BenchmarkCase {
  std::string name;
  std::uint64_t repetitions = 1;
  /// One repetition; must not throw. After one with an error there is no other.
  std::function<Measurement()> measure;
};

/// Runs every repetition of every case, in random order. Returns Google Benchmark's JSON: an object
/// with `context` and `benchmarks`, whose names are the cases' names.
std::string run_benchmarks(const std::vector<BenchmarkCase>& cases);

}  // namespace npyrace
