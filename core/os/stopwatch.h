#pragma once
// Clocks and a stopwatch.

#include <cstdint>
#include <ctime>

namespace npyrace {

/// Nanoseconds of CLOCK_MONOTONIC, which all processes of a machine share.
inline std::int64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// Nanoseconds since 1970 of CLOCK_REALTIME: for jobs on different machines.
inline std::int64_t realtime_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// CPU time of the calling thread, user and system, in seconds.
inline double thread_cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

class Stopwatch {
 public:
  /// Seconds since the last lap, or since construction.
  double lap_seconds() {
    const std::int64_t now_ns = monotonic_ns();
    const double seconds = static_cast<double>(now_ns - last_ns_) * 1e-9;
    last_ns_ = now_ns;
    return seconds;
  }

 private:
  std::int64_t last_ns_ = monotonic_ns();
};

}  // namespace npyrace
