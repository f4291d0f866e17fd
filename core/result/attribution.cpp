#include "core/result/attribution.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "core/base/checked.h"
#include "core/file/posix_file.h"

namespace npyrace {
namespace {

constexpr std::size_t kMostWindows = 256;
constexpr std::size_t kMostOverwriters = 16;

/// A record with its party and state.
struct Place {
  std::uint64_t first_byte = 0;
  std::uint64_t last_byte = 0;
  std::uint64_t party = 0;
  bool damaged = false;
  bool inside = false;  ///< false: outside the window, but shares a unit with a record in it
};

std::uint64_t window_of(std::uint64_t byte) {
  return byte / kLargestUnitBytes * kLargestUnitBytes;
}

/// The records that begin in the window at `offset_bytes`, and all others in the windows that they
/// extend into.
std::vector<Place> places_in_window(const ArrayMap& map, const Parties& parties,
                                    std::span<const std::uint64_t> damaged,
                                    std::uint64_t offset_bytes) {
  std::vector<Place> places;
  const std::uint64_t window_end = offset_bytes + kLargestUnitBytes;
  std::uint64_t end = window_end;
  const std::uint64_t data = map.data_offset_bytes();
  std::uint64_t element = (std::max(offset_bytes, data) - data) / map.element_bytes();
  for (; element < map.elements() && map.record_offset_bytes(element) < end; ++element) {
    const auto writer = map.writer_of(element);
    const std::uint64_t first_byte = map.record_offset_bytes(element);
    const std::uint64_t last_byte = first_byte + map.record_bytes() - 1;
    if (!writer || last_byte < offset_bytes) continue;
    const bool inside = first_byte >= offset_bytes && first_byte < window_end;
    if (inside) end = std::max(end, window_of(last_byte) + kLargestUnitBytes);
    places.push_back({first_byte, last_byte, parties.of(*writer),
                      std::ranges::binary_search(damaged, element), inside});
  }
  return places;
}

/// The smallest power of two whose aligned unit contains both bytes.
std::uint64_t unit_of_both(std::uint64_t a, std::uint64_t b) {
  return std::uint64_t{1} << std::bit_width(a ^ b);
}

/// Tracks, during a pass in one direction, the last place of another party.
class NearestOther {
 public:
  std::optional<Place> find(std::uint64_t party) const {
    if (last_ && last_->party != party) return last_;
    return other_;
  }
  void pass(const Place& place) {
    if (last_ && last_->party != place.party) other_ = last_;
    last_ = place;
  }

 private:
  std::optional<Place> last_;
  std::optional<Place> other_;  ///< the last place of a party other than last_'s
};

/// True if the part of the record in a shared unit may be intact: in a record that spans several
/// pages, the damage may lie in another page.
bool may_be_whole(const Place& place) {
  constexpr std::uint64_t kPageBytes = 4096;
  return !place.damaged || place.first_byte / kPageBytes != place.last_byte / kPageBytes;
}

/// For each place, the size of the smallest unit that it shares with an intact record of another
/// party, up to 1 MiB; else 0. A party that overwrote a unit left its own records in it intact.
std::vector<std::uint64_t> units_shared_with_whole(const std::vector<Place>& places) {
  std::vector<std::uint64_t> units(places.size());
  const auto note = [&](std::size_t i, std::uint64_t unit_bytes) {
    if (unit_bytes <= kLargestUnitBytes && (units[i] == 0 || unit_bytes < units[i]))
      units[i] = unit_bytes;
  };
  NearestOther before;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (const auto other = before.find(places[i].party))
      note(i, unit_of_both(other->last_byte, places[i].first_byte));
    if (may_be_whole(places[i])) before.pass(places[i]);
  }
  NearestOther after;
  for (std::size_t i = places.size(); i-- > 0;) {
    if (const auto other = after.find(places[i].party))
      note(i, unit_of_both(places[i].last_byte, other->first_byte));
    if (may_be_whole(places[i])) after.pass(places[i]);
  }
  return units;
}

void count_changes(const std::vector<Place>& places, DamagePattern& pattern) {
  std::map<std::uint64_t, const Place*> last_of_party;
  for (const Place& place : places) {
    if (!place.inside) continue;
    const Place*& last = last_of_party[place.party];
    if (last != nullptr) {
      const auto level =
          static_cast<std::size_t>(std::bit_width(last->first_byte ^ place.first_byte) - 1);
      ++pattern.neighbours[level];
      pattern.changes[level] += last->damaged != place.damaged;
    }
    last = &place;
  }
}

void explain(const std::vector<Place>& places, DamagePattern& pattern) {
  const std::vector<std::uint64_t> units = units_shared_with_whole(places);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!places[i].damaged || !places[i].inside) continue;
    ++pattern.damaged;
    pattern.unexplained += units[i] == 0;
    pattern.at_least_bytes = std::max(pattern.at_least_bytes, units[i]);
  }
}

/// Offsets of the windows with a damaged record, ascending, up to the limit.
std::vector<std::uint64_t> damaged_windows(const ArrayMap& map,
                                           std::span<const std::uint64_t> damaged) {
  std::vector<std::uint64_t> windows;
  for (const std::uint64_t element : damaged) {
    const std::uint64_t window = window_of(map.record_offset_bytes(element));
    if (!windows.empty() && windows.back() == window) continue;
    if (windows.size() == kMostWindows) break;
    windows.push_back(window);
  }
  // A truncated list may end within a window, whose remaining records would then count as intact.
  if (damaged.size() >= kMostDamaged && windows.size() > 1) windows.pop_back();
  return windows;
}

/// Log likelihood of `k` changes among `n` neighbours with a common rate.
double log_likelihood(double k, double n) {
  if (k == 0 || k == n) return 0;
  return k * std::log(k / n) + (n - k) * std::log(1 - k / n);
}

struct Rate {
  double changes = 0;
  double neighbours = 0;
  double value() const { return neighbours == 0 ? 0 : changes / neighbours; }
  double fit() const { return log_likelihood(changes, neighbours); }
};

Rate rate_of(const DamagePattern& pattern, std::size_t first, std::size_t end) {
  Rate rate;
  for (std::size_t level = first; level < end; ++level) {
    rate.changes += static_cast<double>(pattern.changes[level]);
    rate.neighbours += static_cast<double>(pattern.neighbours[level]);
  }
  return rate;
}

/// A unit size is accepted only if two rates, below the size and from it on, explain the data so
/// much better than one: a gain of 8 has a chance of about 1 in 3000, and 20 sizes are tested.
constexpr double kLeastGain = 8;
/// Within one unit records are mostly all damaged or all intact, so the rates must differ by this
/// factor.
constexpr double kLeastRatio = 4;

struct Unit {
  std::uint64_t offset_bytes = 0;
  std::uint64_t size_bytes = 0;
};

/// True if the record is known to be damaged within the unit. A record that extends beyond the unit
/// may be damaged elsewhere only; then the ranges in examples decide.
bool damaged_in(const ArrayMap& map, const Findings& findings, std::uint64_t element,
                const Unit& unit) {
  if (!std::ranges::binary_search(findings.damaged, element)) return false;
  const std::uint64_t unit_end = unit.offset_bytes + unit.size_bytes;
  const std::uint64_t first_byte = map.record_offset_bytes(element);
  if (first_byte >= unit.offset_bytes && first_byte + map.record_bytes() <= unit_end) return true;
  return std::ranges::any_of(findings.examples, [&](const Example& example) {
    return example.region == Region::record && example.record == element &&
           std::ranges::any_of(example.damage, [&](const ByteRange& range) {
             return range.begin < unit_end && range.end > unit.offset_bytes;
           });
  });
}

/// Adds the first owners, of parties other than the victim's, that have an intact record in the
/// unit.
void add_whole_neighbours(const ArrayMap& map, const Parties& parties, const Findings& findings,
                          std::uint64_t victim, const Unit& unit,
                          std::set<std::uint64_t>& writers) {
  const std::uint64_t data = map.data_offset_bytes();
  std::uint64_t element = (std::max(unit.offset_bytes, data) - data) / map.element_bytes();
  for (; element < map.elements() && writers.size() < kMostOverwriters; ++element) {
    if (map.record_offset_bytes(element) >= unit.offset_bytes + unit.size_bytes) break;
    if (map.record_offset_bytes(element) + map.record_bytes() <= unit.offset_bytes) continue;
    const auto writer = map.writer_of(element);
    const bool other = writer && parties.of(*writer) != parties.of(victim);
    if (other && !damaged_in(map, findings, element, unit)) writers.insert(*writer);
  }
}

/// The units in which the example's record is damaged, ascending. For a long range only those at
/// its ends: the units in between contain no other record.
std::vector<Unit> damaged_units(const ArrayMap& map, const Example& example,
                                std::uint64_t unit_bytes) {
  std::vector<ByteRange> damage = example.damage;
  if (damage.empty()) damage = {{example.offset_bytes, example.offset_bytes + map.record_bytes()}};
  std::set<std::uint64_t> numbers;
  for (const ByteRange& range : damage) {
    numbers.insert(range.begin / unit_bytes);
    numbers.insert((range.end - 1) / unit_bytes);
  }
  std::vector<Unit> units;
  for (const std::uint64_t number : numbers) units.push_back({number * unit_bytes, unit_bytes});
  return units;
}

}  // namespace

Parties::Parties(std::vector<std::uint64_t> caches) : caches_(std::move(caches)) {
  by_cache_ = std::set(caches_.begin(), caches_.end()).size() > 1;
}

Parties Parties::one() {
  Parties parties({0});
  parties.one_ = true;
  return parties;
}

std::uint64_t Parties::of(std::uint64_t writer) const {
  if (one_) return 0;
  return by_cache_ ? caches_[as_size(writer % caches_.size())] : writer;
}

void DamagePattern::merge(const DamagePattern& other) {
  for (std::size_t level = 0; level < neighbours.size(); ++level) {
    neighbours[level] += other.neighbours[level];
    changes[level] += other.changes[level];
  }
  damaged += other.damaged;
  unexplained += other.unexplained;
  at_least_bytes = std::max(at_least_bytes, other.at_least_bytes);
}

DamagePattern damage_pattern(const ArrayMap& map, const Parties& parties,
                             std::span<const std::uint64_t> damaged) {
  DamagePattern pattern;
  for (const std::uint64_t window : damaged_windows(map, damaged)) {
    const std::vector<Place> places = places_in_window(map, parties, damaged, window);
    explain(places, pattern);
    count_changes(places, pattern);
  }
  return pattern;
}

std::uint64_t at_most_bytes(const DamagePattern& pattern) {
  if (pattern.damaged == 0 || pattern.unexplained > 0) return 0;
  const double one_rate = rate_of(pattern, 0, kLargestUnitBits).fit();
  double best_gain = 0;
  std::uint64_t best_bytes = 0;
  for (std::size_t level = 1; level < kLargestUnitBits; ++level) {
    const Rate inside = rate_of(pattern, 0, level);
    const Rate between = rate_of(pattern, level, kLargestUnitBits);
    const double gain = inside.fit() + between.fit() - one_rate;
    if (between.value() < kLeastRatio * inside.value() || gain <= best_gain) continue;
    best_gain = gain;
    best_bytes = std::uint64_t{1} << level;
  }
  // A unit smaller than the damage pattern requires is no explanation.
  return best_gain < kLeastGain || best_bytes < pattern.at_least_bytes ? 0 : best_bytes;
}

Attribution attribution(const DamagePattern& pattern) {
  return {.damaged = pattern.damaged,
          .unexplained = pattern.unexplained,
          .at_least_bytes = pattern.at_least_bytes,
          .at_most_bytes = at_most_bytes(pattern)};
}

void name_overwriters(const ArrayMap& map, const Parties& parties, Findings& findings) {
  const std::uint64_t unit_bytes = std::max(map.request().align_bytes, page_bytes());
  for (Example& example : findings.examples) {
    if (example.region != Region::record) continue;
    if (!std::ranges::binary_search(findings.damaged, example.record)) continue;
    std::set<std::uint64_t> writers;
    for (const Unit& unit : damaged_units(map, example, unit_bytes))
      add_whole_neighbours(map, parties, findings, example.writer, unit, writers);
    example.overwritten_by = {writers.begin(), writers.end()};
  }
}

}  // namespace npyrace
