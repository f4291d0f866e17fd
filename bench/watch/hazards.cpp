#include "bench/watch/hazards.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "bench/watch/overlaps.h"

namespace npyrace::watch {
namespace {

ByteRange rounded(const ByteRange& range, std::uint64_t unit_bytes) {
  return {range.begin / unit_bytes * unit_bytes,
          (range.end + unit_bytes - 1) / unit_bytes * unit_bytes};
}

ByteRange common(const ByteRange& a, const ByteRange& b) {
  return {std::max(a.begin, b.begin), std::min(a.end, b.end)};
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
  return overlaps(std::move(all), {.clock_error_seconds = clock_error_seconds});
}

Hits byte_hits(const std::vector<Access>& accesses, double clock_error_seconds) {
  std::vector<Widened> all;
  for (const Access& access : accesses)
    if (access.is_exact()) all.push_back({access.range, &access});
  return overlaps(std::move(all), {.bytes = true, .clock_error_seconds = clock_error_seconds});
}

/// Finds data that one process removed (by truncation or replacement) and that another had written
/// before, or wrote meanwhile.
Hits removal_hits(const std::vector<Access>& accesses, double clock_error_seconds) {
  std::vector<Widened> all;
  for (const Access& access : accesses) all.push_back({access.range, &access});
  return overlaps(
      std::move(all),
      {.bytes = true, .wanted = Wanted::removals, .clock_error_seconds = clock_error_seconds});
}

/// Limit of records whose pages are told apart in one shared range. Beyond it the range is reported
/// by pages.
constexpr std::uint64_t kMostRecords = 1 << 20;

/// Removes from the ranges the pages that do not lie inside one record: a store into such a page is
/// a store into one of several records. These are pages in which a record begins, but not at the
/// start of the page.
void keep_pages_of_one_record(ByteRanges& ranges, const WatchedFile& file) {
  const std::uint64_t offset = file.data_offset_bytes;
  if (offset % file.page_bytes == 0 && file.record_bytes % file.page_bytes == 0)
    return ranges.subtract({0, offset});
  ByteRanges others;
  for (const ByteRange& range : ranges.ranges()) {
    if (range.size_bytes() / file.record_bytes > kMostRecords) {
      others.add(range);
      continue;
    }
    others.add({range.begin, std::max(range.begin, std::min(offset, range.end))});
    std::uint64_t begin = offset;
    if (range.begin > offset)
      begin += (range.begin - offset) / file.record_bytes * file.record_bytes;
    for (; begin < range.end; begin += file.record_bytes)
      if (begin % file.page_bytes != 0) others.add(rounded({begin, begin + 1}, file.page_bytes));
  }
  ranges.subtract(others);
}

/// Finds records of which both processes wrote a part. Written bytes are widened to whole records;
/// stored pages count only if they lie inside one record.
Hits record_hits(const AccessedFile& accessed, double clock_error_seconds) {
  const WatchedFile& file = accessed.file;
  if (file.record_bytes == 0) return {};
  std::vector<Widened> all;
  for (const Access& access : accessed.accesses) {
    if (access.removes()) continue;
    if (access.is_stored()) {
      if (file.record_bytes >= file.page_bytes) all.push_back({access.range, &access});
    } else if (access.is_exact() && access.range.begin >= file.data_offset_bytes) {
      const ByteRange records = rounded(
          {access.range.begin - file.data_offset_bytes, access.range.end - file.data_offset_bytes},
          file.record_bytes);
      const ByteRange range{records.begin + file.data_offset_bytes,
                            records.end + file.data_offset_bytes};
      all.push_back({common(range, rounded(access.range, file.page_bytes)), &access});
    }
  }
  Hits hits = overlaps(std::move(all), {.clock_error_seconds = clock_error_seconds});
  for (auto& [pair, ranges] : hits)
    if (pair.stored) keep_pages_of_one_record(ranges, file);
  return hits;
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
  if (pair.order == Order::known)
    return {HazardLevel::harmless,
            "one of them emptied or shortened the file after the other had closed it, in a known "
            "order"};
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
          .by_chance = pair.order == Order::by_chance,
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
