#include "bench/remote/clock_offset.h"

#include <algorithm>

namespace npyrace {

void ClockBounds::note(const ClockExchange& exchange) {
  least_ns = std::max(least_ns, exchange.theirs_ns - exchange.answered_ns);
  most_ns = std::min(most_ns, exchange.theirs_ns - exchange.asked_ns);
}

ClockBounds between(const ClockBounds& before, const ClockBounds& after) {
  return {.least_ns = std::min(before.least_ns, after.least_ns),
          .most_ns = std::max(before.most_ns, after.most_ns)};
}

WriterReport by_our_clock(WriterReport report, const ClockBounds& bounds) {
  const std::int64_t ahead_ns = bounds.least_ns + (bounds.most_ns - bounds.least_ns) / 2;
  for (std::int64_t WriterReport::*moment :
       {&WriterReport::start_ns, &WriterReport::end_ns, &WriterReport::write_start_ns,
        &WriterReport::written_ns, &WriterReport::write_end_ns})
    report.*moment -= ahead_ns;
  report.clock_error_ns = bounds.most_ns - ahead_ns;
  return report;
}

}  // namespace npyrace
