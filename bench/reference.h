#pragma once
// What this machine does at its best, measured in the same run: results from machines of different
// speed can be compared relative to it.

#include <string>
#include <vector>

#include "bench/benchmark_driver.h"
#include "core/file.h"
#include "core/result.h"

namespace npyrace {

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
