#include "bench/race/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <utility>

#include "core/base/print.h"
#include "reports/text/terminal_report.h"

namespace npyrace {
namespace {

std::size_t terminal_columns() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::string time_text(double seconds) {
  if (seconds >= 120) return fmt::format("{:.0f} min", std::ceil(seconds / 60));
  return fmt::format("{:.0f} s", std::ceil(seconds));
}

/// Additional trials may take between zero and their maximal time, so a range is shown.
std::string time_left(const ProgressState& state) {
  if (state.begun < 2 || state.steps == 0) return "";
  const auto done = static_cast<double>(state.begun - 1);
  const double seconds = state.elapsed_seconds / done * (static_cast<double>(state.steps) - done);
  if (state.after_seconds <= 0) return time_text(seconds) + " left";
  return fmt::format("{} to {} left", time_text(seconds), time_text(seconds + state.after_seconds));
}

std::string count_text(std::uint64_t begun, std::uint64_t steps) {
  if (steps == 0) return fmt::format("[{}]", begun);
  return fmt::format("[{:>{}}/{}]", begun, std::to_string(steps).size(), steps);
}

}  // namespace

std::string progress_line(const ProgressState& state, std::size_t columns) {
  const std::string count = count_text(state.begun, state.steps) + " ";
  std::string after = "  ";
  if (state.records_per_second > 0)
    after += short_number(state.records_per_second) + " records/s  ";
  after += time_left(state);
  const std::size_t fixed = count.size() + after.size();
  const std::size_t room = columns > fixed + 1 ? columns - fixed - 1 : 0;
  return (count + state.name.substr(0, room) + after).substr(0, columns - 1);
}

Progress::Progress(std::uint64_t steps, Verbosity verbosity, double after_seconds)
    : shown_(verbosity != Verbosity::quiet && ::isatty(STDERR_FILENO) == 1),
      told_(verbosity == Verbosity::verbose),
      piped_(verbosity == Verbosity::usual && ::isatty(STDERR_FILENO) != 1),
      after_seconds_(after_seconds),
      steps_(steps) {}

/// Prints nothing for short runs, to keep log files short.
void Progress::tell_pipe() {
  constexpr std::int64_t kFirstNs = 30'000'000'000;
  constexpr std::int64_t kEveryNs = 10'000'000'000;
  const std::int64_t now_ns = monotonic_ns();
  if (now_ns - start_ns_ < kFirstNs || now_ns - last_told_ns_ < kEveryNs) return;
  last_told_ns_ = now_ns;
  constexpr std::size_t kColumns = 160;
  const double elapsed_seconds = static_cast<double>(now_ns - start_ns_) * 1e-9;
  print_note("npyrace: {}\n", progress_line({begun_, steps_, elapsed_seconds, name_,
                                             records_per_second_, after_seconds_},
                                            kColumns));
}

void Progress::show() {
  if (piped_) tell_pipe();
  if (!shown_) return;
  const double elapsed_seconds = static_cast<double>(monotonic_ns() - start_ns_) * 1e-9;
  print_note("\r\033[K{}", progress_line({begun_, steps_, elapsed_seconds, name_,
                                          records_per_second_, after_seconds_},
                                         terminal_columns()));
  std::fflush(stderr);
}

void Progress::step(const std::string& name) {
  ++begun_;
  name_ = name;
  show();
}

void Progress::note(const std::string& text) {
  const std::string name = std::exchange(name_, text);
  show();
  name_ = name;
}

void Progress::done(double seconds, std::uint64_t records) {
  if (seconds > 0 && records > 0) records_per_second_ = static_cast<double>(records) / seconds;
  if (piped_) tell_pipe();
  if (!told_) return;
  const std::string rate =
      seconds > 0 && records > 0
          ? fmt::format(": {:.3g} s, {} records/s", seconds, short_number(records_per_second_))
          : "";
  print_note("{}{} {}{}\n", shown_ ? "\r\033[K" : "", count_text(begun_, steps_), name_, rate);
}

Progress::~Progress() {
  if (!shown_) return;
  print_note("\r\033[K");
  std::fflush(stderr);
}

}  // namespace npyrace
