#include "bench/jobs/together.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "bench/interrupt.h"
#include "bench/jobs/job_clocks.h"
#include "bench/launchers/launcher.h"
#include "bench/stopwatch.h"
#include "core/error.h"

namespace npyrace {
namespace {

constexpr std::chrono::milliseconds kGlance{50};
/// From the arrival of the last one to the start: everybody must have seen it.
constexpr std::int64_t kGraceNs = 1'000'000'000;
/// "here-0007-2-1321000000000000000": worker 7 came at that time to write generation 2.
constexpr std::string_view kHere = "here-";
/// "all-0007-2-81234000000000": worker 7 had seen all others by then, by CLOCK_BOOTTIME of its
/// node.
constexpr std::string_view kAll = "all-";

struct Arrival {
  std::uint64_t writer = 0;
  std::uint64_t generation = 0;
  std::int64_t when_ns = 0;
};

std::string name_of(std::string_view prefix, const Arrival& arrival) {
  return fmt::format("{}{:04}-{}-{}", prefix, arrival.writer, arrival.generation, arrival.when_ns);
}

/// Takes what it reads off the front of `text`.
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
                    take_number(name, arrival.when_ns) && name.empty();
  return read ? std::optional(arrival) : std::nullopt;
}

void make_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) throw SystemError({path, "open"}, errno);
  ::close(descriptor);
}

/// A node may go on showing a folder as it was for half a minute; once it has changed something in
/// it itself, it asks the server again.
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

/// Says that we have come. What earlier attempts at the same share said is taken back.
Arrival arrive(const Gathering& gathering) {
  for (const std::string_view prefix : {kHere, kAll})
    for (const Arrival& earlier : arrivals_in(gathering.folder, prefix))
      if (earlier.writer == gathering.writer)
        ::unlink((gathering.folder + "/" + name_of(prefix, earlier)).c_str());
  const Arrival mine{gathering.writer, gathering.generation, realtime_ns()};
  make_file(gathering.folder + "/" + name_of(kHere, mine));
  return mine;
}

/// The last arrival of everybody who is there. Who came longer before us than anybody would have
/// waited is not there any more.
std::map<std::uint64_t, std::int64_t> present(const Gathering& gathering, const Arrival& mine) {
  const std::int64_t oldest_ns = mine.when_ns - std::chrono::nanoseconds(gathering.limit).count();
  std::map<std::uint64_t, std::int64_t> last;
  for (const Arrival& arrival : arrivals_in(gathering.folder, kHere))
    if (arrival.when_ns >= oldest_ns && arrival.writer < gathering.writers &&
        arrival.generation == gathering.generation)
      last[arrival.writer] = std::max(last[arrival.writer], arrival.when_ns);
  last[mine.writer] = mine.when_ns;
  return last;
}

void sleep_until(std::int64_t when_ns) {
  while (realtime_ns() < when_ns) {
    if (interrupted()) throw Interrupted();
    const auto left = std::chrono::nanoseconds(when_ns - realtime_ns());
    std::this_thread::sleep_for(
        std::clamp<std::chrono::nanoseconds>(left, std::chrono::nanoseconds(0), kGlance));
  }
}

/// Ranks the others for one worker, which keeps the lowest. The order differs from worker to
/// worker, so that every pair of nodes keeps some.
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

/// Tells the others that all are there, and until all start takes note of who tells the same, and
/// when that was seen.
void exchange_times(const Gathering& gathering, std::int64_t start_ns, Gathered& gathered) {
  gathered.there_ns = boottime_ns();
  make_file(gathering.folder + "/" +
            name_of(kAll, {gathering.writer, gathering.generation, gathered.there_ns}));
  std::set<std::uint64_t> known{gathering.writer};
  while (known.size() < gathering.writers && realtime_ns() < start_ns) {
    sleep_until(std::min(start_ns, realtime_ns() + std::chrono::nanoseconds(kGlance).count()));
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
          std::min(latest->second, realtime_ns()) + kGraceNs;  // some clocks are wrong
      exchange_times(gathering, start_ns, gathered);
      sleep_until(start_ns);
      return gathered;
    }
    if (monotonic_ns() > limit_ns) return gathered;
    sleep_until(realtime_ns() + std::chrono::nanoseconds(kGlance).count());
    freshen(gathering);
  }
}

}  // namespace npyrace
