#pragma once
// The live line on a terminal: what runs, how far, how long still. Silent in pipes.

#include <cstdint>
#include <string>

#include "bench/stopwatch.h"

namespace npyrace {

class Progress {
 public:
  /// `steps` is how often `step` will be called.
  explicit Progress(std::uint64_t steps);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();  ///< wipes the line

  /// About to do the next step, which is called `name`.
  void step(const std::string& name);

 private:
  bool shown_;
  std::uint64_t steps_;
  std::uint64_t begun_ = 0;
  std::int64_t start_ns_ = monotonic_ns();
};

/// "[ 3/40] name  12 s left", cut to `columns`. Pure.
std::string progress_line(std::uint64_t begun, std::uint64_t steps, double elapsed_seconds,
                          const std::string& name, std::size_t columns);

}  // namespace npyrace
