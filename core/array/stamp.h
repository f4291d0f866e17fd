#pragma once
// The self-describing content of a record.
//
// A record is a row of lanes of 8 bytes, the last one perhaps shorter. A whole lane holds a
// bijection of (number of the lane in the array, 56 bits; generation, 8 bits) keyed by the seed:
// it can be inverted, so a lane found in the wrong place says where it belongs, and every byte of
// it depends on the generation, so a tear inside a lane decodes to nothing. A short lane (1 to 7
// bytes) cannot be inverted; it is compared with what it could be. No stamp is all zeros, and two
// generations of one lane are never equal.
//
// Records whose bytes are not all values carry the same stamps in the bits that are: value_form.h.
//
// Lane numbers run over the whole array: lane l of element e is e * lanes per record + l.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/array/value_form.h"

namespace npyrace {

inline constexpr std::uint64_t kLaneBytes = 8;
inline constexpr std::uint64_t kLaneLimit = std::uint64_t{1} << 56;
/// Generations run from 1; 0 is no valid stamp.
inline constexpr unsigned kLastGeneration = 250;

/// Lanes of a record of `record_bytes`, the short one included.
constexpr std::uint64_t lanes_per_record(std::uint64_t record_bytes) {
  return (record_bytes + kLaneBytes - 1) / kLaneBytes;
}

struct LaneIdentity {
  std::uint64_t lane = 0;
  unsigned generation = 0;
  friend bool operator==(const LaneIdentity&, const LaneIdentity&) = default;
};

/// Makes and reads the stamps of one array. Cheap to copy.
class Stamper {
 public:
  /// `form`: of records whose bytes are not all values; null: of others.
  explicit Stamper(std::uint64_t seed, std::shared_ptr<const ValueForm> form = nullptr);

  std::uint64_t seed() const { return seed_; }
  /// Null where every byte is a value.
  const ValueForm* form() const { return form_.get(); }
  std::uint64_t lanes(std::uint64_t record_bytes) const {
    return form_ ? form_->lanes() : lanes_per_record(record_bytes);
  }

  /// The content of a whole lane; needs lane < kLaneLimit, 1 ≤ generation ≤ kLastGeneration.
  std::uint64_t lane(LaneIdentity identity) const;

  /// The identity whose stamp is `content`, whatever it is: any 64 bits decode to something, and
  /// the caller judges whether that exists. Stamps of another seed decode to the lane number xor
  /// one constant, with their generation intact, which is how they can be told from noise.
  LaneIdentity decode(std::uint64_t content) const;

  /// The content of a short lane in its low `size_bytes` (1 to 7) bytes.
  std::uint64_t short_lane(LaneIdentity identity, std::uint64_t size_bytes) const;

  /// The same for a lane of `bits` bits (2 to 64) of values: the first two for one that can be
  /// inverted, the last for one that cannot. No content is zero.
  std::uint64_t value_lane(LaneIdentity identity, unsigned bits) const;
  LaneIdentity decode_value_lane(std::uint64_t content, unsigned bits) const;
  std::uint64_t short_value_lane(LaneIdentity identity, unsigned bits) const;

  /// The record with zeros in all bytes that belong to no value: nobody promises those.
  std::vector<std::byte> values_of(std::span<const std::byte> record) const;

  /// Writes the stamps of one record: `record.size()` bytes, element number `element`.
  void fill(std::span<std::byte> record, std::uint64_t element, unsigned generation) const;

  /// True when `record` holds exactly what `fill` would write. Allocates nothing.
  bool matches(std::span<const std::byte> record, std::uint64_t element, unsigned generation) const;

  /// The same for records that lie back to back, of elements from `first_element` on. Faster than
  /// one after the other: it does not stop at the first that is wrong.
  bool match_all(std::span<const std::byte> records, std::size_t record_bytes,
                 std::uint64_t first_element, unsigned generation) const;

 private:
  std::uint64_t content_of(const ValueForm::Lane& lane, std::uint64_t element,
                           unsigned generation) const;
  void fill_values(std::span<std::byte> record, std::uint64_t element, unsigned generation) const;
  bool values_match(std::span<const std::byte> record, std::uint64_t element,
                    unsigned generation) const;
  /// True when whole lanes, numbered from `first_lane` on, fill `lanes`.
  bool lanes_match(std::span<const std::byte> lanes, std::uint64_t first_lane,
                   unsigned generation) const;
  std::uint64_t seed_;
  std::uint64_t key_;  // 56 bits
  std::shared_ptr<const ValueForm> form_;
};

/// The chance that a misplaced or damaged record that carries so many bits of stamp passes for
/// right. (A lost one never does where they are 8 or more: generations of a lane do not coincide.)
double chance_of_mistake(std::uint64_t stamp_bits);

/// 64 well mixed bits from `seed` and `stream`, for everything in a run that needs a seed of its
/// own.
std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t stream);

}  // namespace npyrace
