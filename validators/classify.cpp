#include "validators/classify.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

namespace npyrace {
namespace {

/// What one lane of the record turned out to be.
struct Lane {
  enum class Kind { zeros, own, elsewhere, nothing };
  Kind kind = Kind::nothing;
  LaneIdentity identity;  ///< of own and elsewhere; of nothing: what it decodes to all the same
  bool whole = true;
};

std::uint64_t load_little_endian(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;)
    value = (value << 8) | std::to_integer<std::uint64_t>(bytes[i]);
  return value;
}

std::uint64_t lanes_in_array(const Subject& subject) {
  return subject.map.elements() * lanes_per_record(subject.map.record_bytes());
}

Lane whole_lane(const Subject& subject, std::uint64_t number, std::uint64_t content) {
  if (content == 0) return {.kind = Lane::Kind::zeros, .identity = {}};
  const LaneIdentity identity = subject.stamper.decode(content);
  const bool exists = identity.lane < lanes_in_array(subject) && identity.generation >= 1 &&
                      identity.generation <= subject.expectation.generation;
  if (!exists) return {.kind = Lane::Kind::nothing, .identity = identity};
  const bool own = identity.lane == number;
  return {.kind = own ? Lane::Kind::own : Lane::Kind::elsewhere, .identity = identity};
}

/// A short lane cannot be inverted: it is compared with every generation it could be.
Lane short_lane(const Subject& subject, std::uint64_t number, std::span<const std::byte> bytes) {
  const std::uint64_t content = load_little_endian(bytes);
  if (content == 0) return {.kind = Lane::Kind::zeros, .identity = {}, .whole = false};
  for (unsigned generation = subject.expectation.generation; generation >= 1; --generation)
    if (subject.stamper.short_lane({number, generation}, bytes.size()) == content)
      return {.kind = Lane::Kind::own, .identity = {number, generation}, .whole = false};
  return {.kind = Lane::Kind::nothing, .identity = {}, .whole = false};
}

std::vector<Lane> lanes_of(const Subject& subject, std::uint64_t element,
                           std::span<const std::byte> record) {
  std::vector<Lane> lanes;
  std::uint64_t number = element * lanes_per_record(record.size());
  for (; record.size() >= kLaneBytes; record = record.subspan(kLaneBytes))
    lanes.push_back(whole_lane(subject, number++, load_little_endian(record.first(kLaneBytes))));
  if (!record.empty()) lanes.push_back(short_lane(subject, number, record));
  return lanes;
}

bool all_of_kind(const std::vector<Lane>& lanes, Lane::Kind kind) {
  return std::all_of(lanes.begin(), lanes.end(), [&](const Lane& l) { return l.kind == kind; });
}

bool one_generation(const std::vector<Lane>& lanes) {
  return std::all_of(lanes.begin(), lanes.end(), [&](const Lane& lane) {
    return !lane.whole || lane.identity.generation == lanes.front().identity.generation;
  });
}

/// Whole lanes that follow each other, as they were written, only not here. A short last lane says
/// nothing of its own.
bool moved_together(const std::vector<Lane>& lanes) {
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (!lanes[i].whole) continue;
    if (lanes[i].kind != Lane::Kind::elsewhere) return false;
    if (lanes[i].identity.lane != lanes[0].identity.lane + i) return false;
  }
  return lanes.front().whole && one_generation(lanes);
}

/// Stamps of another seed decode to their own lane numbers xor one unknown constant, and to one
/// generation. Numbers that follow each other then differ by 1, 3, 7, … (xor), whatever the
/// constant. With two whole lanes or more that is no chance (2^-58 a pair); with one it could be,
/// and is not claimed. Lanes of this array are not foreign, whatever their generation.
bool looks_foreign(const Subject& subject, const std::vector<Lane>& lanes) {
  if (lanes.size() < 2 || !lanes[1].whole) return false;
  const unsigned generation = lanes[0].identity.generation;
  if (generation < 1 || generation > kLastGeneration) return false;
  for (std::size_t i = 0; i < lanes.size() && lanes[i].whole; ++i) {
    const LaneIdentity& identity = lanes[i].identity;
    if (lanes[i].kind != Lane::Kind::nothing || identity.lane < lanes_in_array(subject))
      return false;
    if (identity.generation != generation) return false;
    if (i == 0) continue;
    const std::uint64_t step = identity.lane ^ lanes[i - 1].identity.lane;
    if (step == 0 || !std::has_single_bit(step + 1)) return false;
  }
  return true;
}

std::string generations_in(const std::vector<Lane>& lanes) {
  std::vector<unsigned> generations;
  for (const Lane& lane : lanes)
    generations.push_back(lane.kind == Lane::Kind::zeros ? 0 : lane.identity.generation);
  std::sort(generations.begin(), generations.end());
  generations.erase(std::unique(generations.begin(), generations.end()), generations.end());
  std::string text = "lanes of generations";
  const char* separator = " ";
  for (const unsigned generation : generations) {
    text += separator + (generation == 0 ? std::string("none") : std::to_string(generation));
    separator = ", ";
  }
  return text;
}

/// Only this record's own writes, and zeros.
Classified classify_own(const std::vector<Lane>& lanes) {
  if (all_of_kind(lanes, Lane::Kind::zeros)) return {Anomaly::hole, "zeros", true};
  const bool no_zeros = all_of_kind(lanes, Lane::Kind::own);
  const auto same = [&](const Lane& lane) {
    return lane.identity.generation == lanes.front().identity.generation;
  };
  if (no_zeros && std::all_of(lanes.begin(), lanes.end(), same))
    return {Anomaly::lost, fmt::format("generation {}", lanes.front().identity.generation), true};
  return {Anomaly::torn, generations_in(lanes), true};
}

}  // namespace

Classified classify(const Subject& subject, std::uint64_t element,
                    std::span<const std::byte> record) {
  const std::vector<Lane> lanes = lanes_of(subject, element, record);
  const auto is = [&](Lane::Kind kind) {
    return std::any_of(lanes.begin(), lanes.end(), [&](const Lane& l) { return l.kind == kind; });
  };
  const bool strange = is(Lane::Kind::nothing);
  if (!strange && !is(Lane::Kind::elsewhere)) return classify_own(lanes);
  if (moved_together(lanes)) {
    const LaneIdentity from = lanes.front().identity;
    return {Anomaly::misplaced,
            fmt::format("record {}, generation {}", from.lane / lanes_per_record(record.size()),
                        from.generation)};
  }
  if (!strange) return {Anomaly::torn, "lanes of several records"};
  if (looks_foreign(subject, lanes)) return {Anomaly::foreign, "a stamp of another seed"};
  return {Anomaly::corrupt, "no stamp"};
}

}  // namespace npyrace
