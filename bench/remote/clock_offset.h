#pragma once
// Bounds on the offset of another machine's clock, from timed request-reply exchanges as in NTP,
// but with hard bounds instead of an estimate.

#include <cstdint>
#include <limits>

#include "bench/strategies/writer.h"

namespace npyrace {

/// No clock shows a later or an earlier time (126 years): sums and differences of two times that
/// were read from a file or a message fit in 64 bits.
inline constexpr std::int64_t kLargestTimeNs = 4'000'000'000'000'000'000;

constexpr bool is_time(std::int64_t ns) {
  return -kLargestTimeNs <= ns && ns <= kLargestTimeNs;
}
inline constexpr const char* kNoTime = "no clock shows such a time";

/// One request and its reply.
struct ClockExchange {
  std::int64_t asked_ns = 0;     ///< our clock, before sending
  std::int64_t theirs_ns = 0;    ///< the other's clock, between sending and receiving
  std::int64_t answered_ns = 0;  ///< our clock, after receiving
};

/// Inclusive bounds on the other clock minus ours.
struct ClockBounds {
  std::int64_t least_ns = std::numeric_limits<std::int64_t>::min();
  std::int64_t most_ns = std::numeric_limits<std::int64_t>::max();

  /// Narrows the bounds by an exchange that belongs to the same moment.
  void note(const ClockExchange& exchange);
};

/// Bounds valid for the whole interval between two measurements, assuming a steady drift.
ClockBounds between(const ClockBounds& before, const ClockBounds& after);

/// Converts a report from the other clock to ours and records the remaining error.
WriterReport by_our_clock(WriterReport report, const ClockBounds& bounds);

}  // namespace npyrace
