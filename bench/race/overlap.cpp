#include "bench/race/overlap.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace npyrace {
namespace {

struct Event {
  std::int64_t when_ns = 0;
  int change = 0;  ///< +1: begins, -1: ends
  std::uint64_t party = 0;
};

using Moment = std::int64_t WriterReport::*;

/// Parties are page caches where there are several, and writers where there is one.
std::vector<Event> events_of(std::span<const WriterReport> reports,
                             std::span<const std::uint64_t> caches, Moment end) {
  const bool many_caches = std::set(caches.begin(), caches.end()).size() > 1;
  std::vector<Event> events;
  for (std::size_t writer = 0; writer < reports.size(); ++writer) {
    const std::uint64_t party = many_caches ? caches[writer % caches.size()] : writer;
    // Only what overlaps whatever the clocks are off counts.
    const std::int64_t begin_ns = reports[writer].write_start_ns + reports[writer].clock_error_ns;
    const std::int64_t end_ns = reports[writer].*end - reports[writer].clock_error_ns;
    events.push_back({begin_ns, +1, party});
    events.push_back({std::max(begin_ns, end_ns), -1, party});
  }
  std::ranges::sort(events, {}, [](const Event& e) { return std::pair(e.when_ns, e.change); });
  return events;
}

struct AtWork {
  std::int64_t anybody_ns = 0;
  std::int64_t several_ns = 0;
};

AtWork add_up(const std::vector<Event>& events) {
  AtWork sum;
  std::map<std::uint64_t, int> at_work;
  std::int64_t last_ns = 0;
  for (const Event& event : events) {
    if (!at_work.empty()) sum.anybody_ns += event.when_ns - last_ns;
    if (at_work.size() >= 2) sum.several_ns += event.when_ns - last_ns;
    last_ns = event.when_ns;
    if ((at_work[event.party] += event.change) == 0) at_work.erase(event.party);
  }
  return sum;
}

std::size_t count_parties(const std::vector<Event>& events) {
  std::set<std::uint64_t> parties;
  for (const Event& event : events) parties.insert(event.party);
  return parties.size();
}

}  // namespace

double overlap_seconds(std::span<const WriterReport> reports,
                       std::span<const std::uint64_t> caches) {
  const AtWork sum = add_up(events_of(reports, caches, &WriterReport::end_ns));
  return static_cast<double>(sum.several_ns) * 1e-9;
}

double together_share(std::span<const WriterReport> reports, std::span<const std::uint64_t> caches,
                      bool held) {
  const std::vector<Event> events = events_of(reports, caches, &WriterReport::written_ns);
  if (held) return count_parties(events) >= 2 ? 1 : 0;
  const AtWork sum = add_up(events);
  if (sum.anybody_ns == 0) return 0;
  return static_cast<double>(sum.several_ns) / static_cast<double>(sum.anybody_ns);
}

double elapsed_seconds(std::span<const WriterReport> reports) {
  if (reports.empty()) return 0;
  const auto start = std::ranges::min_element(reports, {}, &WriterReport::start_ns);
  const auto end = std::ranges::max_element(reports, {}, &WriterReport::end_ns);
  return static_cast<double>(end->end_ns - start->start_ns) * 1e-9;
}

}  // namespace npyrace
