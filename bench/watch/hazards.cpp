#include "bench/watch/hazards.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

namespace npyrace::watch {
namespace {

ByteRange rounded(const ByteRange& range, std::uint64_t unit_bytes) {
  return {range.begin / unit_bytes * unit_bytes,
          (range.end + unit_bytes - 1) / unit_bytes * unit_bytes};
}

ByteRange common(const ByteRange& a, const ByteRange& b) {
  return {std::max(a.begin, b.begin), std::min(a.end, b.end)};
}

/// How one access removed data of the other.
enum class Removal { none, emptied, replaced };

/// Whether one access had ended before the other began, and how that is known.
enum class Order {
  none,
  by_chance,  ///< the file was closed before the other opened it, but both processes were running
  known,      ///< the other process began, or went on, after it
};

/// Properties of a pair of accesses other than their byte ranges.
struct Pair {
  std::uint64_t first = 0, second = 0;  ///< writers
  Order order = Order::none;
  bool locked = false;
  bool stored = false;  ///< at least one of them stored into a mapping
  Removal removal = Removal::none;

  auto operator<=>(const Pair&) const = default;
};

/// True if an access that ended at `end` (0: it has not ended) precedes `moment`. The names
/// identify the boots on which the two moments were taken.
bool is_over(const Moment& end, const std::string& boot_id, const Moment& moment,
             const std::string& boot_id_there, double clock_error_seconds) {
  if (end.real_ns == 0) return false;
  if (boot_id == boot_id_there) return end.boot_ns <= moment.boot_ns;
  return end.real_ns + static_cast<std::int64_t>(clock_error_seconds * 1e9) <= moment.real_ns;
}

bool is_before(const Held& a, const Held& b, double clock_error_seconds) {
  return is_over(a.closed, a.boot_id, b.opened, b.boot_id, clock_error_seconds);
}

/// The moments of one access that order it relative to another.
struct Span {
  Moment known_from;  ///< the program has waited for accesses that ended before this
  Moment begin, end;
};

/// The start or end of a child orders accesses only within one page cache, because data may still
/// wait in another cache. Between caches the first and the last descriptor or mapping of the file
/// count.
Span span_of(const Held& held, bool one_cache) {
  if (one_cache) return {held.begun, held.opened, held.closed};
  const bool opened_later = held.acquired.boot_ns > held.started.boot_ns;
  return {opened_later ? held.started : held.acquired, held.acquired, held.released};
}

Order order_of(const Held& a, const Held& b, double clock_error_seconds) {
  const bool one_cache = a.cache == b.cache;
  const Span first = span_of(a, one_cache), second = span_of(b, one_cache);
  const auto over = [&](const Moment& at_first, const Moment& at_second) {
    return is_over(first.end, a.boot_id, at_second, b.boot_id, clock_error_seconds) ||
           is_over(second.end, b.boot_id, at_first, a.boot_id, clock_error_seconds);
  };
  if (over(first.known_from, second.known_from)) return Order::known;
  return over(first.begin, second.begin) ? Order::by_chance : Order::none;
}

bool overlap(const ByteRange& a, const ByteRange& b) {
  return a.begin < b.end && b.begin < a.end;
}

bool contains(const ByteRange& outer, const ByteRange& inner) {
  return outer.begin <= inner.begin && inner.end <= outer.end;
}

/// True if two locks have a byte in common, so that they exclude each other. For a lock of exactly
/// the written bytes these are known only if `exact`; otherwise they lie somewhere in the access's
/// range, which is rounded.
bool exclude_each_other(const Access& a, const Access& b, bool exact) {
  if (a.lock.file.empty() || a.lock.file != b.lock.file || a.lock.by_flock != b.lock.by_flock)
    return false;
  const ByteRange in_a = a.lock.own_bytes ? a.range : a.lock.bytes;
  const ByteRange in_b = b.lock.own_bytes ? b.range : b.lock.bytes;
  if (exact || (!a.lock.own_bytes && !b.lock.own_bytes)) return overlap(in_a, in_b);
  if (a.lock.own_bytes && b.lock.own_bytes) return false;
  return a.lock.own_bytes ? contains(in_b, in_a) : contains(in_a, in_b);
}

Pair pair_of(const Access& a, const Access& b, bool same_bytes, double clock_error_seconds) {
  Pair pair{.first = std::min(a.writer, b.writer), .second = std::max(a.writer, b.writer)};
  pair.order = order_of(a.held, b.held, clock_error_seconds);
  pair.locked = exclude_each_other(a, b, same_bytes);
  pair.stored = a.is_stored() || b.is_stored();
  return pair;
}

using Hits = std::map<Pair, ByteRanges>;

/// Limit of process pairs that are distinguished, so that thousands of processes in one page do not
/// need memory for every pair.
constexpr std::size_t kMostPairs = 100000;

/// One access, widened to the units in which it is compared with others.
struct Widened {
  ByteRange range;
  const Access* access;
};

/// All pairs of accesses of different writers that overlap. `bytes`: true if the ranges are the
/// written bytes themselves.
Hits overlaps(std::vector<Widened> all, bool bytes, double clock_error_seconds) {
  Hits hits;
  std::ranges::sort(all, {}, [](const Widened& one) { return one.range.begin; });
  std::vector<const Widened*> open;
  for (const Widened& one : all) {
    std::erase_if(open, [&](const Widened* other) { return other->range.end <= one.range.begin; });
    for (const Widened* other : open)
      if (other->access->writer != one.access->writer && hits.size() < kMostPairs)
        hits[pair_of(*other->access, *one.access, bytes, clock_error_seconds)].add(
            common(other->range, one.range));
    open.push_back(&one);
  }
  return hits;
}

/// Merges accesses that differ only in their place, so that pages are compared instead of single
/// records.
std::vector<Access> merged_by_unit(const std::vector<Access>& accesses, std::uint64_t unit_bytes) {
  using Key = std::tuple<std::uint64_t, std::int64_t, std::int64_t, LockId, bool>;
  std::map<Key, std::pair<const Access*, ByteRanges>> sets;
  for (const Access& access : accesses) {
    if (access.removes()) continue;
    const Key key{access.writer, access.held.opened.real_ns, access.held.closed.real_ns,
                  access.lock, access.is_stored()};
    auto& [example, ranges] = sets.try_emplace(key, &access, ByteRanges()).first->second;
    ranges.add(rounded(access.range, unit_bytes));
  }
  std::vector<Access> merged;
  for (const auto& [key, set] : sets)
    for (const ByteRange& range : set.second.ranges()) {
      merged.push_back(*set.first);
      merged.back().range = range;
    }
  return merged;
}

Hits unit_hits(const std::vector<Access>& accesses, std::uint64_t unit_bytes,
               double clock_error_seconds) {
  const std::vector<Access> merged = merged_by_unit(accesses, unit_bytes);
  std::vector<Widened> all;
  for (const Access& access : merged) all.push_back({access.range, &access});
  return overlaps(std::move(all), false, clock_error_seconds);
}

Hits byte_hits(const std::vector<Access>& accesses, double clock_error_seconds) {
  std::vector<Widened> all;
  for (const Access& access : accesses)
    if (access.is_exact()) all.push_back({access.range, &access});
  return overlaps(std::move(all), true, clock_error_seconds);
}

/// Finds data that one process removed (by truncation or replacement) and that another had written
/// before, or wrote meanwhile.
Hits removal_hits(const std::vector<Access>& accesses, double clock_error_seconds) {
  Hits hits;
  for (const Access& removal : accesses) {
    if (!removal.removes()) continue;
    for (const Access& other : accesses) {
      const ByteRange both = common(removal.range, other.range);
      if (other.removes() || other.writer == removal.writer || both.begin >= both.end ||
          is_before(removal.held, other.held, clock_error_seconds))
        continue;
      Pair pair = pair_of(removal, other, true, clock_error_seconds);
      pair.removal = removal.what == What::truncated ? Removal::emptied : Removal::replaced;
      hits[pair].add(both);
    }
  }
  return hits;
}

/// Finds records of which both processes wrote a part. Written bytes are widened to whole records;
/// stored pages count only if they lie inside one record.
Hits record_hits(const AccessedFile& accessed, double clock_error_seconds) {
  const WatchedFile& file = accessed.file;
  if (file.record_bytes == 0) return {};
  std::vector<Widened> all;
  for (const Access& access : accessed.accesses) {
    if (access.removes() || access.range.begin < file.data_offset_bytes) continue;
    const ByteRange in_data{access.range.begin - file.data_offset_bytes,
                            access.range.end - file.data_offset_bytes};
    if (access.is_exact()) {
      const ByteRange records = rounded(in_data, file.record_bytes);
      const ByteRange range{records.begin + file.data_offset_bytes,
                            records.end + file.data_offset_bytes};
      all.push_back({common(range, rounded(access.range, file.page_bytes)), &access});
    } else if (access.is_stored()) {
      // The part of the pages that belongs to records of a page or more.
      for (std::uint64_t page = in_data.begin; page < in_data.end; page += file.page_bytes) {
        if (file.record_bytes < file.page_bytes) break;
        if (page / file.record_bytes == (page + file.page_bytes - 1) / file.record_bytes)
          all.push_back(
              {{page + file.data_offset_bytes, page + file.data_offset_bytes + file.page_bytes},
               &access});
      }
    }
  }
  return overlaps(std::move(all), false, clock_error_seconds);
}

/// Removes from `hits` the units in which the same writers have a worse hazard.
void subtract(Hits& hits, const Hits& worse, std::uint64_t unit_bytes) {
  std::map<std::pair<std::uint64_t, std::uint64_t>, ByteRanges> known;
  for (const auto& [pair, ranges] : worse)
    for (const ByteRange& range : ranges.ranges())
      known[{pair.first, pair.second}].add(rounded(range, unit_bytes));
  for (auto& [pair, ranges] : hits) ranges.subtract(known[{pair.first, pair.second}]);
}

std::string writer_words(const WatchedFile& file, std::uint64_t writer) {
  const WatchedWriter& one = file.writers[writer];
  const std::string name = one.task.empty() ? fmt::format("process {}", one.pid) : one.task;
  return name;
}

std::string lost_words(HazardKind kind) {
  return kind == HazardKind::same_record
             ? "the later write of the page removes the other's part of the record"
             : "the node that writes the page later removes the other's records in it";
}

struct Meaning {
  HazardLevel level;
  std::string words;
};

Meaning meaning_of_removal(const Pair& pair) {
  const char* const act = pair.removal == Removal::emptied ? "emptied or shortened" : "replaced";
  if (pair.order == Order::none)
    return {HazardLevel::loses,
            fmt::format("one of them {} the file while the other had it open: what the other wrote "
                        "there is lost",
                        act)};
  if (pair.removal == Removal::replaced)
    return {HazardLevel::harmless, "one replaced the file after the other had closed it"};
  return {HazardLevel::may_lose,
          fmt::format("one of them {} the file after the other had written and closed it: what it "
                      "wrote there is gone",
                      act)};
}

Meaning meaning_of_bytes(const Hazard&, const Pair& pair, const Consistency&) {
  if (pair.removal != Removal::none) return meaning_of_removal(pair);
  if (pair.order == Order::known || pair.locked)
    return {HazardLevel::harmless, "the later write replaces the earlier one, in a known order"};
  if (pair.order == Order::by_chance)
    return {
        HazardLevel::may_lose,
        "the later write replaces the earlier one; both processes ran at the same time, so that "
        "the order may be chance"};
  return {HazardLevel::loses,
          "both wrote these bytes while both had the file open: on every file system the later "
          "write replaces the earlier one"};
}

Meaning meaning_between_caches(const Hazard& hazard, const Consistency& known, Outcome outcome) {
  switch (outcome) {
    case Outcome::loses:
      return {HazardLevel::loses,
              fmt::format("loses here ({}): {}", known.source, lost_words(hazard.kind))};
    case Outcome::keeps:
      return {HazardLevel::harmless, fmt::format("kept apart ({})", known.source)};
    case Outcome::unknown:
      break;
  }
  return {HazardLevel::may_lose,
          fmt::format("where pages travel whole, {}; npyrace run semantics tells whether they do "
                      "here",
                      lost_words(hazard.kind))};
}

Meaning meaning_of_page(const Hazard& hazard, const Pair& pair, const Consistency& known) {
  if (pair.locked) return {HazardLevel::harmless, "both held the same lock"};
  if (pair.order == Order::known)
    return {HazardLevel::harmless,
            "one closed the file before the other began; at the same time they would share this "
            "page"};
  if (!hazard.between_caches)
    return {HazardLevel::harmless,
            "one page cache keeps them apart; on two nodes they would share this page"};
  const Meaning meaning =
      meaning_between_caches(hazard, known, pair.stored ? known.stores : known.calls);
  if (pair.order == Order::none || meaning.level == HazardLevel::harmless) return meaning;
  return {HazardLevel::may_lose,
          fmt::format("not this time, because one closed the file before the other opened it, "
                      "perhaps by chance; at the same time it {}",
                      meaning.words)};
}

Meaning meaning_of_unit(const Hazard&, const Pair&, const Consistency&) {
  return {HazardLevel::harmless,
          "no data are lost; the nodes pass the lock of this unit to and fro, which costs time"};
}

/// The meaning of each kind of hazard, in the order of the enumeration.
using MeaningOf = Meaning (*)(const Hazard&, const Pair&, const Consistency&);
constexpr MeaningOf kMeanings[] = {meaning_of_bytes, meaning_of_page, meaning_of_page,
                                   meaning_of_unit};

void append(WatchedFile& file, HazardKind kind, const Hits& hits, const HazardRules& rules) {
  for (const auto& [pair, ranges] : hits) {
    for (const ByteRange& range : ranges.ranges()) {
      Hazard hazard{
          .kind = kind,
          .range = range,
          .first = pair.first,
          .second = pair.second,
          .ordered = pair.order != Order::none,
          .locked = pair.locked,
          .between_caches = file.writers[pair.first].cache != file.writers[pair.second].cache};
      Meaning meaning = kMeanings[static_cast<std::size_t>(kind)](hazard, pair, rules.consistency);
      hazard.level = meaning.level;
      hazard.means = std::move(meaning.words);
      file.hazards.push_back(std::move(hazard));
    }
  }
}

/// Drops the least harmful hazards beyond the limit.
void sort_and_limit(WatchedFile& file) {
  std::ranges::stable_sort(file.hazards, {}, [](const Hazard& hazard) {
    return std::tuple(hazard.level, hazard.kind, hazard.range.begin);
  });
  if (file.hazards.size() <= kMostHazards) return;
  file.hazards_left_out = file.hazards.size() - kMostHazards;
  file.hazards.resize(kMostHazards);
}

/// Number of rows per job whose bytes fill whole pages.
std::string advice_for_pages(const WatchedFile& file) {
  if (file.record_bytes == 0)
    return fmt::format("give each process its own pages: multiples of {} bytes", file.page_bytes);
  const std::uint64_t rows = std::lcm(file.record_bytes, file.page_bytes) / file.record_bytes;
  const std::string start =
      file.data_offset_bytes % file.page_bytes == 0
          ? ""
          : " and start the data at a page (npyrace create makes such a file)";
  return fmt::format(
      "rows are {} bytes: give each process a multiple of {} rows{}; then no page is shared. "
      "npyrace create --layout padded-block does it for any number of rows",
      file.record_bytes, rows, start);
}

std::string advice_of(const WatchedFile& file) {
  const auto worst = std::ranges::find_if(
      file.hazards, [](const Hazard& h) { return h.level != HazardLevel::harmless; });
  if (worst == file.hazards.end()) return "";
  if (worst->kind != HazardKind::same_bytes) return advice_for_pages(file);
  if (worst->means.starts_with("one of them"))
    return "create the file once, before the jobs start, and let each job open it with mode r+: w+ "
           "empties it, and a rename replaces what others wrote";
  return fmt::format(
      "{} and {} write the same bytes: give each its own rows, or let both hold one lock "
      "(fcntl.lockf) while they read, change and write",
      writer_words(file, worst->first), writer_words(file, worst->second));
}

}  // namespace

void find_hazards(AccessedFile& accessed, const HazardRules& rules) {
  WatchedFile& file = accessed.file;
  const double error_seconds = rules.clock_error_seconds;
  const Hits removals = removal_hits(accessed.accesses, error_seconds);
  const Hits bytes = byte_hits(accessed.accesses, error_seconds);
  Hits records = record_hits(accessed, error_seconds);
  subtract(records, bytes, 1);
  Hits pages = unit_hits(accessed.accesses, file.page_bytes, error_seconds);
  subtract(pages, bytes, file.page_bytes);
  subtract(pages, records, file.page_bytes);
  append(file, HazardKind::same_bytes, removals, rules);
  append(file, HazardKind::same_bytes, bytes, rules);
  append(file, HazardKind::same_record, records, rules);
  append(file, HazardKind::same_page, pages, rules);
  if (rules.unit_bytes > file.page_bytes) {
    Hits units = unit_hits(accessed.accesses, rules.unit_bytes, error_seconds);
    subtract(units, bytes, rules.unit_bytes);
    subtract(units, records, rules.unit_bytes);
    subtract(units, pages, rules.unit_bytes);
    append(file, HazardKind::same_unit, units, rules);
  }
  sort_and_limit(file);
  file.advice = advice_of(file);
}

}  // namespace npyrace::watch
