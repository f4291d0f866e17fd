#include "bench/launchers/together.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "bench/launchers/launcher.h"
#include "bench/remote/clock_offset.h"
#include "bench/storage/race_file.h"
#include "core/base/error.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

constexpr std::int64_t kUnbounded = std::numeric_limits<std::int64_t>::max();
/// Three years: longer than any job, far from overflow.
constexpr std::int64_t kHopelessNs = 100'000'000'000'000'000;
/// Clocks that count from the boot differ by less (32 years), and so do their times from zero (79
/// years, for a wall clock that was set during the job): what is computed from both cannot
/// overflow.
constexpr std::int64_t kFarthestNs = 1'000'000'000'000'000'000;
constexpr std::int64_t kLargestUptimeNs = 2'500'000'000'000'000'000;
/// File times have the resolution of the server's timer ticks, or of whole seconds (FAT: two
/// seconds).
constexpr std::int64_t kTickNs = 10'000'000;
constexpr std::int64_t kWholeSecondsNs = 2'000'000'000;

/// Upper bounds of (clock b - clock a) in nanoseconds for every pair of clocks.
class ClockGraph {
 public:
  explicit ClockGraph(std::size_t clocks) : clocks_(clocks), most_(clocks * clocks, kUnbounded) {
    for (std::size_t i = 0; i < clocks; ++i) at(i, i) = 0;
  }

  /// An event at `a_ns` by clock a happened before an event at `b_ns` by clock b.
  void note_before(std::size_t a, std::int64_t a_ns, std::size_t b, std::int64_t b_ns) {
    bound(a, b, b_ns - a_ns);
  }

  /// Adds bounds that follow from third clocks (Floyd-Warshall).
  void close() {
    for (std::size_t via = 0; via < clocks_; ++via)
      for (std::size_t a = 0; a < clocks_; ++a)
        for (std::size_t b = 0; b < clocks_; ++b)
          if (at(a, via) != kUnbounded && at(via, b) != kUnbounded)
            bound(a, b, at(a, via) + at(via, b));
  }

  /// Bounds of clock b minus clock a.
  ClockBounds between_clocks(std::size_t a, std::size_t b) const {
    ClockBounds bounds;
    if (std::abs(at(a, b)) <= kFarthestNs) bounds.most_ns = at(a, b);
    if (std::abs(at(b, a)) <= kFarthestNs) bounds.least_ns = -at(b, a);
    return bounds;
  }

 private:
  /// Observations that contradict each other lower a bound in every step, beyond all numbers.
  void bound(std::size_t a, std::size_t b, std::int64_t most_ns) {
    if (most_ns <= kLargestTimeNs)
      at(a, b) = std::max(std::min(at(a, b), most_ns), -kLargestTimeNs);
  }
  std::int64_t& at(std::size_t a, std::size_t b) { return most_[a * clocks_ + b]; }
  std::int64_t at(std::size_t a, std::size_t b) const { return most_[a * clocks_ + b]; }

  std::size_t clocks_;
  std::vector<std::int64_t> most_;
};

/// A record of version 0.1 does not name its clock; it counts as unique.
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

/// The job's CLOCK_REALTIME times, shifted.
WriterReport moved_by(const JobRecord& record, std::int64_t offset_ns) {
  const auto moved = [&](std::int64_t ns) {
    return std::clamp(ns + offset_ns, -kLargestUptimeNs, kLargestUptimeNs);
  };
  return {.start_ns = moved(record.start_ns),
          .end_ns = moved(record.end_ns),
          .write_start_ns = moved(record.write_start_ns),
          .written_ns = moved(record.written_ns),
          .write_end_ns = moved(record.write_end_ns),
          .phases = record.phases};
}

}  // namespace

std::string clock_here() {
  std::error_code ignored;
  return this_process().boot + " " +
         std::filesystem::read_symlink("/proc/self/ns/time", ignored).string();
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
      // If the nodes' CLOCK_REALTIME agree.
      report = moved_by(record, on_main_clock->clock_offset_ns);
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

namespace {

/// How long a worker sleeps before it looks again at what the others have announced. All workers
/// together look a thousand times a second at most, which the server of the folder must bear.
std::chrono::milliseconds look_again(const Gathering& gathering) {
  return std::chrono::milliseconds(std::clamp<std::uint64_t>(gathering.writers, 50, 10'000));
}
/// Delay between the last arrival and the start, so that all workers see it.
std::chrono::nanoseconds grace(const Gathering& gathering) {
  return std::max<std::chrono::nanoseconds>(std::chrono::seconds(1), 4 * look_again(gathering));
}
/// Clocks that differ by less are taken as equal: creating a file on a busy server takes as long.
constexpr std::int64_t kSlowCreateNs = 250'000'000;
/// "here-0007-2-1321000000000000000-250": worker 7 arrived at that time to write generation 2; its
/// clock was 250 ns ahead of that of the file server.
constexpr std::string_view kHere = "here-";
/// "all-0007-2-81234000000000-0": worker 7 had seen all others at that time, by its node's
/// CLOCK_BOOTTIME.
constexpr std::string_view kAll = "all-";

struct Arrival {
  std::uint64_t writer = 0;
  std::uint64_t generation = 0;
  std::int64_t when_ns = 0;  ///< by the clock of that worker
  /// `when_ns` less the modification time of the file, by the clock of the file server where it
  /// sets them. In the name, so that nobody asks for the times of all files.
  std::int64_t ahead_ns = 0;

  std::int64_t file_ns() const { return when_ns - ahead_ns; }
};

std::string name_of(std::string_view prefix, const Arrival& arrival) {
  return fmt::format("{}{:04}-{}-{}-{}", prefix, arrival.writer, arrival.generation,
                     arrival.when_ns, arrival.ahead_ns);
}

/// Parses a number at the front of `text` and removes it.
template <typename Number>
bool take_number(std::string_view& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc();
}

bool take_dash(std::string_view& text) {
  if (!text.starts_with('-')) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Arrival> arrival_in(std::string_view prefix, std::string_view name) {
  if (!name.starts_with(prefix)) return std::nullopt;
  Arrival arrival;
  name.remove_prefix(prefix.size());
  const bool read = take_number(name, arrival.writer) && take_dash(name) &&
                    take_number(name, arrival.generation) && take_dash(name) &&
                    take_number(name, arrival.when_ns) && take_dash(name) &&
                    take_number(name, arrival.ahead_ns) && name.empty() &&
                    is_time(arrival.when_ns) && is_time(arrival.ahead_ns);
  return read ? std::optional(arrival) : std::nullopt;
}

void make_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor < 0) throw SystemError({path, "open"}, errno);
  ::close(descriptor);
}

/// An NFS client may show a folder's old content for half a minute, but asks the server again after
/// it has changed the folder itself.
void freshen(const Gathering& gathering) {
  const std::string path = fmt::format("{}/look-{:04}", gathering.folder, gathering.writer);
  make_file(path);
  ::unlink(path.c_str());
}

std::vector<Arrival> arrivals_in(const std::string& folder, std::string_view prefix) {
  std::vector<Arrival> arrivals;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (const auto arrival = arrival_in(prefix, entry.path().filename().string()))
      arrivals.push_back(*arrival);
  if (error) throw SystemError({folder, "opendir"}, error.value());
  return arrivals;
}

/// Announces this worker. Removes announcements of earlier attempts at the same share.
Arrival arrive(const Gathering& gathering) {
  for (const std::string_view prefix : {kHere, kAll})
    for (const Arrival& earlier : arrivals_in(gathering.folder, prefix))
      if (earlier.writer == gathering.writer)
        ::unlink((gathering.folder + "/" + name_of(prefix, earlier)).c_str());
  Arrival mine{gathering.writer, gathering.generation, realtime_ns()};
  const std::string path =
      fmt::format("{}/new-{:04}-{}", gathering.folder, mine.writer, mine.when_ns);
  make_file(path);
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0)
    mine.ahead_ns = mine.when_ns - nanoseconds_of(status.st_mtim);
  const std::string announcement = gathering.folder + "/" + name_of(kHere, mine);
  if (::rename(path.c_str(), announcement.c_str()) != 0)
    throw SystemError({announcement, "rename"}, errno);
  return mine;
}

/// The moment of another worker's arrival by the clock of this one. The times of both files come
/// from one clock; they show by how much the workers' clocks differ.
std::int64_t by_clock_of(const Arrival& mine, const Arrival& other) {
  const std::int64_t ahead_ns = other.ahead_ns - mine.ahead_ns;
  const bool whole = mine.file_ns() % 1'000'000'000 == 0 && other.file_ns() % 1'000'000'000 == 0;
  const bool equal = std::abs(ahead_ns) <= (whole ? kWholeSecondsNs : kSlowCreateNs);
  return equal ? other.when_ns : other.when_ns - ahead_ns;
}

/// The last arrival of every worker present, by the clock of this one. Arrivals that are older than
/// the waiting limit are ignored: those workers have given up.
std::map<std::uint64_t, std::int64_t> present(const Gathering& gathering, const Arrival& mine) {
  const std::int64_t oldest_ns = mine.when_ns - std::chrono::nanoseconds(gathering.limit).count();
  std::map<std::uint64_t, std::int64_t> last;
  for (const Arrival& arrival : arrivals_in(gathering.folder, kHere)) {
    if (arrival.writer >= gathering.writers || arrival.generation != gathering.generation) continue;
    const std::int64_t when_ns = by_clock_of(mine, arrival);
    if (when_ns >= oldest_ns) last[arrival.writer] = std::max(last[arrival.writer], when_ns);
  }
  last[mine.writer] = mine.when_ns;
  return last;
}

void sleep_until(std::int64_t when_ns) {
  constexpr std::chrono::milliseconds kAttention{50};  // to interrupts and to a changed clock
  while (realtime_ns() < when_ns) {
    if (interrupted()) throw Interrupted();
    const auto left = std::chrono::nanoseconds(when_ns - realtime_ns());
    std::this_thread::sleep_for(
        std::clamp<std::chrono::nanoseconds>(left, std::chrono::nanoseconds(0), kAttention));
  }
}

/// Sleeps until the next look, or until `end_ns` of the realtime clock.
void sleep_between_looks(const Gathering& gathering, std::int64_t end_ns) {
  const std::int64_t next_ns =
      realtime_ns() + std::chrono::nanoseconds(look_again(gathering)).count();
  sleep_until(std::min(next_ns, end_ns));
}

/// Rank of another worker for this one, which keeps the lowest ranks. The order differs between
/// workers, so that every pair of nodes keeps some sightings.
std::uint64_t drawn(std::uint64_t mine, std::uint64_t other) {
  std::uint64_t mixed = (mine * 1'000'003 + other) * 0x9E3779B97F4A7C15;
  return mixed ^ (mixed >> 29);
}

void keep_some(std::vector<ClockSighting>& sightings, std::uint64_t mine) {
  constexpr std::size_t kMost = 64;
  std::ranges::sort(sightings, {},
                    [&](const ClockSighting& seen) { return drawn(mine, seen.writer); });
  if (sightings.size() > kMost) sightings.resize(kMost);
}

/// Announces that this worker has seen all others and, until the common start, records when others
/// announce the same.
void exchange_times(const Gathering& gathering, std::int64_t start_ns, Gathered& gathered) {
  gathered.there_ns = boottime_ns();
  make_file(gathering.folder + "/" +
            name_of(kAll, {gathering.writer, gathering.generation, gathered.there_ns}));
  std::set<std::uint64_t> known{gathering.writer};
  while (known.size() < gathering.writers && realtime_ns() < start_ns) {
    sleep_between_looks(gathering, start_ns);
    freshen(gathering);
    const std::vector<Arrival> told = arrivals_in(gathering.folder, kAll);
    const std::int64_t seen_ns = boottime_ns();
    for (const Arrival& other : told)
      if (other.generation == gathering.generation && known.insert(other.writer).second)
        gathered.sightings.push_back({other.writer, other.when_ns, seen_ns});
  }
  keep_some(gathered.sightings, gathering.writer);
}

}  // namespace

Gathered wait_together(const Gathering& gathering) {
  const Arrival mine = arrive(gathering);
  const std::int64_t limit_ns = monotonic_ns() + std::chrono::nanoseconds(gathering.limit).count();
  for (;;) {
    const auto last = present(gathering, mine);
    Gathered gathered{.present = last.size()};
    if (last.size() == gathering.writers) {
      const auto latest =
          std::ranges::max_element(last, {}, [](const auto& arrival) { return arrival.second; });
      const std::int64_t start_ns =
          std::min(latest->second, realtime_ns()) +  // limits the effect of wrong clocks
          grace(gathering).count();
      exchange_times(gathering, start_ns, gathered);
      sleep_until(start_ns);
      return gathered;
    }
    const std::int64_t left_ns = limit_ns - monotonic_ns();
    if (left_ns < 0) return gathered;
    sleep_between_looks(gathering, realtime_ns() + left_ns);
    freshen(gathering);
  }
}

}  // namespace npyrace
