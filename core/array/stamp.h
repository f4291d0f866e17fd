#pragma once
// Stamps: the self-describing content of records.
//
// A record is a row of 8-byte lanes; the last one may be shorter. A complete lane holds a
// bijection, keyed by the seed, of (number of the lane in the array, 56 bits; generation, 8 bits).
// It can be inverted, so a lane found in the wrong place tells where it belongs; and each of its
// bytes depends on the generation, so a lane torn between two generations decodes to no valid
// identity. A short lane (1 to 7 bytes) cannot be inverted; it is compared with the possible
// contents. No stamp is zero, and different generations of a lane have different stamps.
//
// Records with bytes that are not values carry the same stamps in their value bits (value_form.h).
//
// Lanes are numbered over the whole array: lane l of element e is e * lanes per record + l.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/array/value_form.h"

namespace npyrace {

inline constexpr std::uint64_t kLaneBytes = 8;
inline constexpr std::uint64_t kLaneLimit = std::uint64_t{1} << 56;
/// Generations are numbered from 1; 0 is not a valid stamp.
inline constexpr unsigned kLastGeneration = 250;

/// Number of lanes of a record of `record_bytes`, including a short one.
constexpr std::uint64_t lanes_per_record(std::uint64_t record_bytes) {
  return (record_bytes + kLaneBytes - 1) / kLaneBytes;
}

struct LaneIdentity {
  std::uint64_t lane = 0;
  unsigned generation = 0;
  friend bool operator==(const LaneIdentity&, const LaneIdentity&) = default;
};

/// Encodes and decodes the stamps of one array. Cheap to copy.
class Stamper {
 public:
  /// `form`: for records with bytes that are not values; null: all bytes are values.
  explicit Stamper(std::uint64_t seed, std::shared_ptr<const ValueForm> form = nullptr);

  std::uint64_t seed() const { return seed_; }
  /// Null if every byte is a value.
  const ValueForm* form() const { return form_.get(); }
  std::uint64_t lanes(std::uint64_t record_bytes) const {
    return form_ ? form_->lanes() : lanes_per_record(record_bytes);
  }

  /// Content of a complete lane; requires lane < kLaneLimit, 1 ≤ generation ≤ kLastGeneration.
  std::uint64_t lane(LaneIdentity identity) const;

  /// Decodes any 64 bits; the caller must check whether the identity exists. A stamp of another
  /// seed decodes to its lane number xor a constant, with the correct generation, and can thus be
  /// distinguished from noise.
  LaneIdentity decode(std::uint64_t content) const;

  /// Content of a short lane in the low `size_bytes` (1 to 7) bytes.
  std::uint64_t short_lane(LaneIdentity identity, std::uint64_t size_bytes) const;

  /// The same for a lane of `bits` value bits (2 to 64): value_lane and decode_value_lane for
  /// invertible lanes, short_value_lane for others. No content is zero.
  std::uint64_t value_lane(LaneIdentity identity, unsigned bits) const;
  LaneIdentity decode_value_lane(std::uint64_t content, unsigned bits) const;
  std::uint64_t short_value_lane(LaneIdentity identity, unsigned bits) const;

  /// The record with all bytes that belong to no value set to zero: their content is not
  /// guaranteed.
  std::vector<std::byte> values_of(std::span<const std::byte> record) const;

  /// Writes the stamps of the record of `element` into `record`.
  void fill(std::span<std::byte> record, std::uint64_t element, unsigned generation) const;

  /// True if `record` equals what `fill` writes. Does not allocate.
  bool matches(std::span<const std::byte> record, std::uint64_t element, unsigned generation) const;

  /// The same for contiguous records of consecutive elements, starting at `first_element`. Faster
  /// than single calls, because it does not stop at the first mismatch.
  bool match_all(std::span<const std::byte> records, std::size_t record_bytes,
                 std::uint64_t first_element, unsigned generation) const;

 private:
  std::uint64_t content_of(const ValueForm::Lane& lane, std::uint64_t element,
                           unsigned generation) const;
  void fill_values(std::span<std::byte> record, std::uint64_t element, unsigned generation) const;
  bool values_match(std::span<const std::byte> record, std::uint64_t element,
                    unsigned generation) const;
  /// True if `lanes` consists of the complete lanes numbered from `first_lane`.
  bool lanes_match(std::span<const std::byte> lanes, std::uint64_t first_lane,
                   unsigned generation) const;
  std::uint64_t seed_;
  std::uint64_t key_;  // 56 bits
  std::shared_ptr<const ValueForm> form_;
};

/// Probability that a misplaced or corrupt record with that many stamp bits is taken for correct. A
/// lost record with at least 8 bits is always detected, because stamps of different generations
/// differ.
double chance_of_mistake(std::uint64_t stamp_bits);

/// Derives 64 well-mixed bits from `seed` and `stream`, for every part of a run that needs an
/// independent seed.
std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t stream);

}  // namespace npyrace
