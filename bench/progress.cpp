#include "bench/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

namespace npyrace {
namespace {

std::size_t terminal_columns() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::string time_left(std::uint64_t done, std::uint64_t steps, double elapsed_seconds) {
  if (done == 0) return "";
  const double seconds =
      elapsed_seconds / static_cast<double>(done) * static_cast<double>(steps - done);
  if (seconds >= 120) return fmt::format("{:.0f} min left", std::ceil(seconds / 60));
  return fmt::format("{:.0f} s left", std::ceil(seconds));
}

}  // namespace

std::string progress_line(std::uint64_t begun, std::uint64_t steps, double elapsed_seconds,
                          const std::string& name, std::size_t columns) {
  const std::string count = fmt::format("[{:>{}}/{}] ", begun, std::to_string(steps).size(), steps);
  const std::string left = time_left(begun - 1, steps, elapsed_seconds);
  const std::size_t fixed = count.size() + left.size() + 2;
  const std::size_t room = columns > fixed + 1 ? columns - fixed - 1 : 0;
  return fmt::format("{}{}  {}", count, name.substr(0, room), left);
}

Progress::Progress(std::uint64_t steps) : shown_(::isatty(STDERR_FILENO) == 1), steps_(steps) {}

void Progress::step(const std::string& name) {
  ++begun_;
  if (!shown_) return;
  const double elapsed_seconds = static_cast<double>(monotonic_ns() - start_ns_) * 1e-9;
  fmt::print(stderr, "\r\033[K{}",
             progress_line(begun_, steps_, elapsed_seconds, name, terminal_columns()));
  std::fflush(stderr);
}

Progress::~Progress() {
  if (!shown_) return;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
}

}  // namespace npyrace
