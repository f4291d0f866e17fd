#pragma once
// Time on the clock that all processes of one machine share.

#include <cstdint>
#include <ctime>

namespace npyrace {

/// Nanoseconds of CLOCK_MONOTONIC: the same in every process of this machine.
inline std::int64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// Nanoseconds since 1970 by the clock on the wall: for jobs that share no other.
inline std::int64_t realtime_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// Seconds of processor time, user and system, that the calling thread has had.
inline double thread_cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

class Stopwatch {
 public:
  /// Seconds since the last lap, or since the start.
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
