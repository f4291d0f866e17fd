#include "bench/jobs/job_clocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <limits>
#include <map>
#include <set>

#include "bench/mpi/clock_offset.h"
#include "bench/race/race_file_name.h"

namespace npyrace {
namespace {

constexpr std::int64_t kUnbounded = std::numeric_limits<std::int64_t>::max();
/// Three years: more than any job takes, and far from overflow.
constexpr std::int64_t kHopelessNs = 100'000'000'000'000'000;
/// File times are cut to the server's timer ticks; where they are whole seconds, to those (FAT:
/// two).
constexpr std::int64_t kTickNs = 10'000'000;
constexpr std::int64_t kWholeSecondsNs = 2'000'000'000;

/// Upper bounds of (clock b - clock a) in nanoseconds, for every pair.
class ClockGraph {
 public:
  explicit ClockGraph(std::size_t clocks) : clocks_(clocks), most_(clocks * clocks, kUnbounded) {
    for (std::size_t i = 0; i < clocks; ++i) at(i, i) = 0;
  }

  /// Something that clock a timed `a_ns` happened before what clock b timed `b_ns`.
  void note_before(std::size_t a, std::int64_t a_ns, std::size_t b, std::int64_t b_ns) {
    at(a, b) = std::min(at(a, b), b_ns - a_ns);
  }

  /// Adds the bounds that follow by way of third clocks.
  void close() {
    for (std::size_t via = 0; via < clocks_; ++via)
      for (std::size_t a = 0; a < clocks_; ++a)
        for (std::size_t b = 0; b < clocks_; ++b)
          if (at(a, via) != kUnbounded && at(via, b) != kUnbounded)
            at(a, b) = std::min(at(a, b), at(a, via) + at(via, b));
  }

  /// Clock b minus clock a.
  ClockBounds between_clocks(std::size_t a, std::size_t b) const {
    ClockBounds bounds;
    if (at(a, b) != kUnbounded) bounds.most_ns = at(a, b);
    if (at(b, a) != kUnbounded) bounds.least_ns = -at(b, a);
    return bounds;
  }

 private:
  std::int64_t& at(std::size_t a, std::size_t b) { return most_[a * clocks_ + b]; }
  std::int64_t at(std::size_t a, std::size_t b) const { return most_[a * clocks_ + b]; }

  std::size_t clocks_;
  std::vector<std::int64_t> most_;
};

/// A record of version 0.1 does not name its clock: then it is nobody else's.
std::string clock_of(const JobRecord& record) {
  return record.clock.empty() ? fmt::format("of worker {}", record.writer) : record.clock;
}

void note_server(ClockGraph& graph, const JobRecord& record, std::size_t clock,
                 std::size_t server) {
  if (record.server_ns == 0) return;
  const bool whole = record.server_ns % 1'000'000'000 == 0;
  graph.note_before(clock, record.asked_ns, server,
                    record.server_ns + (whole ? kWholeSecondsNs : kTickNs));
  graph.note_before(server, record.server_ns, clock, record.answered_ns);
}

/// The job's times of CLOCK_REALTIME, moved.
WriterReport moved_by(const JobRecord& record, std::int64_t offset_ns) {
  return {.start_ns = record.start_ns + offset_ns,
          .end_ns = record.end_ns + offset_ns,
          .write_start_ns = record.write_start_ns + offset_ns,
          .written_ns = record.written_ns + offset_ns,
          .write_end_ns = record.write_end_ns + offset_ns,
          .phases = record.phases};
}

}  // namespace

std::string clock_here() {
  std::error_code ignored;
  return this_process().boot + " " +
         std::filesystem::read_symlink("/proc/self/ns/time", ignored).string();
}

std::int64_t boottime_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

ComparedTimes compared_times(const std::vector<JobRecord>& records) {
  std::map<std::string, std::size_t> numbers;
  std::vector<std::size_t> jobs_of;
  std::map<std::uint64_t, const JobRecord*> by_writer;
  for (const JobRecord& record : records) {
    const std::size_t number = numbers.emplace(clock_of(record), numbers.size()).first->second;
    jobs_of.resize(numbers.size());
    ++jobs_of[number];
    by_writer[record.writer] = &record;
  }
  const auto clock = [&](const JobRecord& record) { return numbers.at(clock_of(record)); };
  const std::size_t server = numbers.size();
  ClockGraph graph(numbers.size() + 1);
  for (const JobRecord& record : records) {
    note_server(graph, record, clock(record), server);
    for (const ClockSighting& sighting : record.sightings) {
      const auto other = by_writer.find(sighting.writer);
      if (other != by_writer.end() && other->second->there_ns == sighting.there_ns)
        graph.note_before(clock(*other->second), sighting.there_ns, clock(record),
                          sighting.seen_ns);
    }
  }
  graph.close();
  const auto main_clock =
      static_cast<std::size_t>(std::ranges::max_element(jobs_of) - jobs_of.begin());
  const auto on_main_clock = std::ranges::find(records, main_clock, clock);
  ComparedTimes times;
  std::set<std::string> incomparable;
  for (const JobRecord& record : records) {
    const ClockBounds bounds = graph.between_clocks(main_clock, clock(record));
    WriterReport report = moved_by(record, record.clock_offset_ns);
    if (bounds.least_ns == ClockBounds{}.least_ns || bounds.most_ns == ClockBounds{}.most_ns ||
        bounds.least_ns > bounds.most_ns) {
      incomparable.insert(record.attempt.host_name);
      report = moved_by(record, on_main_clock->clock_offset_ns);  // as the nodes' wall clocks agree
      report.clock_error_ns = kHopelessNs;
    } else {
      report = by_our_clock(report, bounds);
      times.largest_error_ns = std::max(times.largest_error_ns, report.clock_error_ns);
    }
    times.reports.push_back(report);
  }
  times.incomparable.assign(incomparable.begin(), incomparable.end());
  return times;
}

}  // namespace npyrace
