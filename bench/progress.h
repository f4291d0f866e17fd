#pragma once
// The live line on a terminal: what runs, how far, how long still. Silent in pipes.

#include <cstdint>
#include <string>

#include "bench/stopwatch.h"

namespace npyrace {

/// How much standard error hears while a run goes on, besides trouble.
enum class Talk {
  quiet,    ///< nothing
  usual,    ///< the live line, on a terminal
  verbose,  ///< a line for every step that ended, also in a pipe, and the live line
};

class Progress {
 public:
  /// `steps` is how often `step` will be called; 0: nobody knows.
  Progress(std::uint64_t steps, Talk talk);
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

  bool shown_;
  bool told_;
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
};

/// "[ 3/40] name  1.2 M records/s  12 s left", cut to `columns`. Pure.
std::string progress_line(const ProgressState& state, std::size_t columns);

}  // namespace npyrace
