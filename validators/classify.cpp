#include "validators/classify.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "core/base/checked.h"

namespace npyrace {
namespace {

/// Classification of one lane of the record.
struct Lane {
  enum class Kind { zeros, own, elsewhere, nothing };
  Kind kind = Kind::nothing;
  LaneIdentity identity;  ///< decoded identity, also for Kind::nothing
  bool whole = true;      ///< a complete lane, which can be inverted
  unsigned bits = 64;
};

std::uint64_t lanes_in_array(const Subject& subject) {
  return subject.map.elements() * subject.stamper.lanes(subject.map.record_bytes());
}

Lane lane_of(const Subject& subject, std::uint64_t number, const LaneIdentity& identity,
             unsigned bits) {
  const bool exists = identity.lane < lanes_in_array(subject) && identity.generation >= 1 &&
                      identity.generation <= subject.expectation.generation;
  if (!exists) return {.kind = Lane::Kind::nothing, .identity = identity, .bits = bits};
  const bool own = identity.lane == number;
  return {
      .kind = own ? Lane::Kind::own : Lane::Kind::elsewhere, .identity = identity, .bits = bits};
}

/// The stamp bits carried by the values of a lane.
struct Carried {
  std::uint64_t content = 0;
  bool zeros = true;     ///< every byte of every value is zero
  bool possible = true;  ///< each value can occur in a stamp
};

Carried carried_by(const ValueForm::Lane& lane, std::span<const std::byte> record) {
  Carried carried;
  for (const ValueForm::Placed& placed : lane.atoms) {
    const auto start = as_size(lane.offset_bytes + placed.offset_bytes);
    const auto bytes = record.subspan(start, placed.atom->size_bytes);
    const auto bits = take_atom(*placed.atom, bytes);
    carried.zeros &= std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
    carried.possible &= bits.has_value();
    if (bits && placed.shift < 64) carried.content |= *bits << placed.shift;
  }
  return carried;
}

Lane value_lane(const Subject& subject, std::uint64_t number, const ValueForm::Lane& lane,
                std::span<const std::byte> record) {
  const Carried carried = carried_by(lane, record);
  const Stamper& stamper = subject.stamper;
  Lane result{.whole = lane.invertible, .bits = lane.bits};
  if (carried.zeros) {
    result.kind = Lane::Kind::zeros;
  } else if (carried.possible && lane.invertible) {
    result = lane_of(subject, number, stamper.decode(carried.content, lane.bits), lane.bits);
  } else if (carried.possible) {
    for (unsigned generation = subject.expectation.generation; generation >= 1; --generation) {
      if (stamper.narrow_lane({number, generation}, lane.bits) != carried.content) continue;
      result.kind = Lane::Kind::own;
      result.identity = {number, generation};
      break;
    }
  }
  return result;
}

std::vector<Lane> lanes_of(const Subject& subject, std::uint64_t element,
                           std::span<const std::byte> bytes) {
  const Stamper& stamper = subject.stamper;
  const std::vector<std::byte> record = stamper.values_of(bytes);
  const std::uint64_t first = element * stamper.lanes(record.size());
  std::vector<Lane> lanes;
  stamper.for_each_lane(record.size(), [&](const ValueForm::Lane& lane) {
    lanes.push_back(value_lane(subject, first + lane.number, lane, record));
    return true;
  });
  return lanes;
}

bool all_of_kind(const std::vector<Lane>& lanes, Lane::Kind kind) {
  return std::all_of(lanes.begin(), lanes.end(), [&](const Lane& l) { return l.kind == kind; });
}

/// Index of the first invertible lane, or the number of lanes.
std::size_t first_whole(const std::vector<Lane>& lanes) {
  const auto place = std::ranges::find_if(lanes, &Lane::whole);
  return static_cast<std::size_t>(place - lanes.begin());
}

/// True if the complete lanes have consecutive numbers, as in another record. Short lanes are
/// ignored.
bool moved_together(const std::vector<Lane>& lanes) {
  const std::size_t first = first_whole(lanes);
  for (std::size_t i = first; i < lanes.size(); ++i) {
    if (!lanes[i].whole) continue;
    if (lanes[i].kind != Lane::Kind::elsewhere) return false;
    if (lanes[i].identity.lane != lanes[first].identity.lane + (i - first)) return false;
    if (lanes[i].identity.generation != lanes[first].identity.generation) return false;
  }
  return first < lanes.size();
}

/// True if the lane may have another seed: it decodes to a valid generation, but to a lane number
/// outside the array.
bool may_be_foreign(const Subject& subject, const Lane& lane) {
  return lane.kind == Lane::Kind::nothing && lane.identity.lane >= lanes_in_array(subject) &&
         lane.identity.generation >= 1 && lane.identity.generation <= kLastGeneration;
}

/// `distance`: from lane a to lane b in the array; a power of two, or its negative.
bool look_alike(const Subject& subject, const Lane& a, const Lane& b, std::uint64_t distance) {
  return subject.stamper.may_share_origin(a.identity, b.identity, distance,
                                          std::min(a.bits, b.bits));
}

/// Stamps of another seed decode to lane numbers that are all changed in the same way, and to one
/// generation. The difference of lane numbers that are a power of two apart shows that. With two
/// complete lanes a coincidence is improbable (2^-50 or less per pair). With one lane it would be
/// possible, so a neighbour in the array must provide the second one. Lanes of this array are never
/// foreign.
bool looks_foreign(const Subject& subject, std::uint64_t element, const std::vector<Lane>& lanes,
                   std::span<const Neighbour> neighbours) {
  std::vector<std::size_t> whole;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (!lanes[i].whole) continue;
    if (!may_be_foreign(subject, lanes[i])) return false;
    whole.push_back(i);
  }
  if (whole.empty()) return false;
  bool seen = false;
  for (std::size_t i = 1; i < whole.size(); ++i) {
    const std::size_t distance = whole[i] - whole[i - 1];
    if (!std::has_single_bit(distance)) continue;
    if (!look_alike(subject, lanes[whole[i - 1]], lanes[whole[i]], distance)) return false;
    seen = true;
  }
  if (seen) return true;
  return std::ranges::any_of(neighbours, [&](const Neighbour& neighbour) {
    const std::vector<Lane> others = lanes_of(subject, neighbour.element, neighbour.record);
    const Lane& other = others[whole.front()];
    const std::uint64_t distance = (neighbour.element - element) * lanes.size();
    return may_be_foreign(subject, other) &&
           look_alike(subject, lanes[whole.front()], other, distance);
  });
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

/// Only stamps of this record, and zeros.
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
                    std::span<const std::byte> record, std::span<const Neighbour> neighbours) {
  const std::vector<Lane> lanes = lanes_of(subject, element, record);
  const auto is = [&](Lane::Kind kind) {
    return std::any_of(lanes.begin(), lanes.end(), [&](const Lane& l) { return l.kind == kind; });
  };
  const bool strange = is(Lane::Kind::nothing);
  if (!strange && !is(Lane::Kind::elsewhere)) return classify_own(lanes);
  if (moved_together(lanes)) {
    const LaneIdentity from = lanes[first_whole(lanes)].identity;
    return {Anomaly::misplaced,
            fmt::format("record {}, generation {}",
                        from.lane / subject.stamper.lanes(record.size()), from.generation)};
  }
  if (!strange) return {Anomaly::torn, "lanes of several records"};
  if (looks_foreign(subject, element, lanes, neighbours))
    return {Anomaly::foreign, "a stamp of another array"};
  return {Anomaly::corrupt, "no stamp"};
}

bool all_zero(std::span<const std::byte> bytes) {
  // Every byte equals the one before it: memcmp compares many at a time.
  return bytes.empty() || (bytes[0] == std::byte{0} &&
                           std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace npyrace
