#pragma once
// Wrapper around Google Benchmark (repetitions, random interleaving, JSON output), and the two
// reference measurements that are run among the cells.

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
  std::string error;  ///< not empty: the measurement failed and has no time
};

struct BenchmarkCase {
  std::string name;
  std::uint64_t repetitions = 1;
  /// Runs one repetition; must not throw. After an error it is not called again.
  std::function<Measurement()> measure;
};

/// Runs every repetition of every case, in random order. Returns Google Benchmark's JSON: an object
/// with `context` and `benchmarks`, whose names are the names of the cases.
std::string run_benchmarks(const std::vector<BenchmarkCase>& cases);

// Reference speeds of this machine, measured in the same run, so that results of different machines
// can be compared relative to them.

/// Times a memory copy into an anonymous mapping and a plain write loop into a temporary file.
class Reference {
 public:
  /// Creates temporary files in `dir` and removes them at once.
  Reference(std::string dir, FileOpener open_file);

  struct Samples {
    std::vector<double> seconds;
    std::string problem;  ///< message of the last measurement that failed; empty: none
  };

  /// The benchmarks to interleave with the cells; they refer to this object.
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
