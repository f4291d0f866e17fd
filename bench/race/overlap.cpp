#include "bench/race/overlap.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace npyrace {
namespace {

struct Event {
  std::int64_t when_ns = 0;
  int change = 0;  ///< +1: begins to write, -1: has closed
  std::uint64_t party = 0;
};

/// Parties are page caches where there are several, and writers where there is one.
std::vector<Event> events_of(std::span<const WriterReport> reports,
                             std::span<const std::uint64_t> caches) {
  const bool many_caches = std::set(caches.begin(), caches.end()).size() > 1;
  std::vector<Event> events;
  for (std::size_t writer = 0; writer < reports.size(); ++writer) {
    const std::uint64_t party = many_caches ? caches[writer % caches.size()] : writer;
    events.push_back({reports[writer].write_start_ns, +1, party});
    events.push_back({reports[writer].end_ns, -1, party});
  }
  std::ranges::sort(events, {}, [](const Event& e) { return std::pair(e.when_ns, e.change); });
  return events;
}

}  // namespace

double overlap_seconds(std::span<const WriterReport> reports,
                       std::span<const std::uint64_t> caches) {
  std::map<std::uint64_t, int> at_work;
  std::int64_t overlap_ns = 0;
  std::int64_t last_ns = 0;
  for (const Event& event : events_of(reports, caches)) {
    if (at_work.size() >= 2) overlap_ns += event.when_ns - last_ns;
    last_ns = event.when_ns;
    if ((at_work[event.party] += event.change) == 0) at_work.erase(event.party);
  }
  return static_cast<double>(overlap_ns) * 1e-9;
}

double elapsed_seconds(std::span<const WriterReport> reports) {
  if (reports.empty()) return 0;
  const auto start = std::ranges::min_element(reports, {}, &WriterReport::start_ns);
  const auto end = std::ranges::max_element(reports, {}, &WriterReport::end_ns);
  return static_cast<double>(end->end_ns - start->start_ns) * 1e-9;
}

}  // namespace npyrace
