#pragma once
// How far another machine's clock is ahead of ours, as far as messages can tell: NTP's way, with
// hard bounds instead of a best guess.

#include <cstdint>
#include <limits>

#include "bench/strategies/writer.h"

namespace npyrace {

/// A question and its answer.
struct ClockExchange {
  std::int64_t asked_ns = 0;     ///< by our clock, before it was sent
  std::int64_t theirs_ns = 0;    ///< by the other's, somewhere in between
  std::int64_t answered_ns = 0;  ///< by ours, after it had come
};

/// The other clock minus ours lies between these, both included.
struct ClockBounds {
  std::int64_t least_ns = std::numeric_limits<std::int64_t>::min();
  std::int64_t most_ns = std::numeric_limits<std::int64_t>::max();

  /// What one exchange adds to what others have shown of the same moment.
  void note(const ClockExchange& exchange);
};

/// Bounds for everything between two moments, as clocks drift apart steadily.
ClockBounds between(const ClockBounds& before, const ClockBounds& after);

/// The other's times as they would have been by our clock, with the error that leaves.
WriterReport by_our_clock(WriterReport report, const ClockBounds& bounds);

}  // namespace npyrace
