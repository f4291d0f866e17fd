#pragma once
// The live line on a terminal: what runs, how far, how long still. In a pipe a line every ten
// seconds, after the first thirty.

#include <cstdint>
#include <string>

#include "bench/plan/options.h"
#include "core/os/stopwatch.h"

namespace npyrace {

class Progress {
 public:
  /// `steps` is how often `step` will be called; 0: not known. `after_seconds`: at most so much
  /// comes after the last of them, and is counted in what is left.
  Progress(std::uint64_t steps, Verbosity verbosity, double after_seconds = 0);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();  ///< wipes the line

  /// About to do the next step, which is called `name`.
  void step(const std::string& name);
  /// What the step that runs waits for, in place of its name, until the next step.
  void note(const std::string& text);
  /// That step ended; `seconds` and `records` are what it was about, or 0 for nothing to tell.
  void done(double seconds, std::uint64_t records);

 private:
  void show();
  void tell_pipe();

  bool shown_;
  bool told_;
  bool piped_;  ///< somebody may read this later: few lines
  double after_seconds_;
  std::int64_t last_told_ns_ = 0;
  std::string name_;
  double records_per_second_ = 0;
  std::uint64_t steps_;
  std::uint64_t begun_ = 0;
  std::int64_t start_ns_ = monotonic_ns();
};

/// What the live line is made of.
struct ProgressState {
  std::uint64_t begun = 0, steps = 0;
  double elapsed_seconds = 0;
  std::string name;               ///< of the step that runs
  double records_per_second = 0;  ///< of the step that ended last; 0: none
  double after_seconds = 0;       ///< that follow the last step, at most
};

/// "[ 3/40] name  1.2 M records/s  12 s left", cut to `columns`. Pure.
std::string progress_line(const ProgressState& state, std::size_t columns);

}  // namespace npyrace
