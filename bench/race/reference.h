#pragma once
// Google Benchmark, behind one door: it repeats, interleaves at random, and writes its JSON.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/file/file.h"
#include "core/result/result.h"

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

// What this machine does at its best, measured in the same run: results from machines of different
// speed can be compared relative to it.

/// Plain memory copy into an anonymous map, and a bare loop of write calls into a file of its own.
class Reference {
 public:
  /// Files are made under `dir` and removed at once.
  Reference(std::string dir, FileOpener open_file);

  struct Samples {
    std::vector<double> seconds;
    std::string problem;  ///< of the last measurement that failed
  };

  /// The benchmarks to run among the others; valid as long as this lives.
  std::vector<BenchmarkCase> cases();
  std::vector<ReferenceResult> results() const;

 private:
  Measurement copy_memory();
  Measurement write_file();

  std::string dir_;
  FileOpener open_file_;
  Samples copy_;
  Samples write_;
};

}  // namespace npyrace
