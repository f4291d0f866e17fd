#pragma once
// Clocks and a stopwatch.

#include <cstdint>
#include <ctime>

namespace npyrace {

inline std::int64_t nanoseconds_of(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

inline std::int64_t clock_ns(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return nanoseconds_of(now);
}

/// Nanoseconds of CLOCK_MONOTONIC, which all processes of a machine share.
inline std::int64_t monotonic_ns() {
  return clock_ns(CLOCK_MONOTONIC);
}

/// Nanoseconds since 1970 of CLOCK_REALTIME: for jobs on different machines.
inline std::int64_t realtime_ns() {
  return clock_ns(CLOCK_REALTIME);
}

/// Nanoseconds of CLOCK_BOOTTIME, which cannot be set.
inline std::int64_t boottime_ns() {
  return clock_ns(CLOCK_BOOTTIME);
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
