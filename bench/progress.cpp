#include "bench/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <utility>

#include "core/print.h"
#include "reports/terminal_report.h"

namespace npyrace {
namespace {

std::size_t terminal_columns() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::string time_left(std::uint64_t done, std::uint64_t steps, double elapsed_seconds) {
  if (done == 0 || steps == 0) return "";
  const double seconds =
      elapsed_seconds / static_cast<double>(done) * static_cast<double>(steps - done);
  if (seconds >= 120) return fmt::format("{:.0f} min left", std::ceil(seconds / 60));
  return fmt::format("{:.0f} s left", std::ceil(seconds));
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
  after += time_left(state.begun - 1, state.steps, state.elapsed_seconds);
  const std::size_t fixed = count.size() + after.size();
  const std::size_t room = columns > fixed + 1 ? columns - fixed - 1 : 0;
  return (count + state.name.substr(0, room) + after).substr(0, columns - 1);
}

Progress::Progress(std::uint64_t steps, Talk talk)
    : shown_(talk != Talk::quiet && ::isatty(STDERR_FILENO) == 1),
      told_(talk == Talk::verbose),
      steps_(steps) {}

void Progress::show() {
  if (!shown_) return;
  const double elapsed_seconds = static_cast<double>(monotonic_ns() - start_ns_) * 1e-9;
  print_note("\r\033[K{}",
             progress_line({begun_, steps_, elapsed_seconds, name_, records_per_second_},
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
