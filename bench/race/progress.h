#pragma once
// Progress display on standard error: the current step, throughput and estimated time left. On a
// terminal one line is rewritten in place; otherwise a line is printed every ten seconds, after the
// first thirty seconds.

#include <cstdint>
#include <string>

#include "bench/plan/options.h"
#include "core/os/stopwatch.h"

namespace npyrace {

class Progress {
 public:
  /// `steps` is the expected number of calls of `step`; 0: unknown. `after_seconds` is an upper
  /// bound on the time after the last step; it is added to the estimated time left.
  Progress(std::uint64_t steps, Verbosity verbosity, double after_seconds = 0);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();  ///< erases the line

  /// Announces the start of the next step.
  void step(const std::string& name);
  /// Shows `text` instead of the step's name until the next step: the reason for a wait.
  void note(const std::string& text);
  /// Ends the current step. `seconds` and `records` give its throughput; pass 0 when there is none
  /// to show.
  void done(double seconds, std::uint64_t records);

 private:
  void show();
  void tell_pipe();

  bool shown_;
  bool told_;
  bool piped_;  ///< standard error is no terminal, perhaps a log file: print few lines
  double after_seconds_;
  std::int64_t last_told_ns_ = 0;
  std::string name_;
  double records_per_second_ = 0;
  std::uint64_t steps_;
  std::uint64_t begun_ = 0;
  std::int64_t start_ns_ = monotonic_ns();
};

/// Values shown by the progress line.
struct ProgressState {
  std::uint64_t begun = 0, steps = 0;
  double elapsed_seconds = 0;
  std::string name;               ///< of the current step
  double records_per_second = 0;  ///< of the last completed step; 0: unknown
  double after_seconds = 0;       ///< upper bound on the time after the last step
};

/// Formats "[ 3/40] name  1.2 M records/s  12 s left", cut to `columns`. Pure.
std::string progress_line(const ProgressState& state, std::size_t columns);

}  // namespace npyrace
