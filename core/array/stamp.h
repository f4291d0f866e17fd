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
// There is more than one version of the bijection (lane_content.h); an array keeps the version that
// it was created with.
//
// Lanes are numbered over the whole array: lane l of element e is e * lanes per record + l.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/array/value_form.h"

namespace npyrace {

inline constexpr std::uint64_t kLaneBytes = 8;
inline constexpr std::uint64_t kLaneLimit = std::uint64_t{1} << 56;
/// Generations are numbered from 1; 0 is not a valid stamp.
inline constexpr unsigned kLastGeneration = 250;

/// The version of the stamps of new arrays, and the oldest that can be verified.
inline constexpr unsigned kStampVersion = 2;
inline constexpr unsigned kOldestStampVersion = 1;

/// Number of lanes of a record of `record_bytes`, including a short one.
constexpr std::uint64_t lanes_per_record(std::uint64_t record_bytes) {
  return (record_bytes + kLaneBytes - 1) / kLaneBytes;
}

struct LaneIdentity {
  std::uint64_t lane = 0;
  unsigned generation = 0;
  friend bool operator==(const LaneIdentity&, const LaneIdentity&) = default;
};

/// Records of elements at constant distance: the first begins at the first byte of a span, the
/// others each `step_bytes` after the one before it.
struct RecordRow {
  std::uint64_t first_element = 0;
  std::uint64_t records = 0;
  std::uint64_t record_bytes = 0;
  std::uint64_t step_bytes = 0;
  std::uint64_t element_step = 1;  ///< from one element to the next
};

/// Encodes and decodes the stamps of one array. Cheap to copy.
class Stamper {
 public:
  /// `form`: for records with bytes that are not values; null: all bytes are values. `version`:
  /// kOldestStampVersion to kStampVersion.
  explicit Stamper(std::uint64_t seed, std::shared_ptr<const ValueForm> form = nullptr,
                   unsigned version = kStampVersion);

  std::uint64_t seed() const { return seed_; }
  std::uint64_t lanes(std::uint64_t record_bytes) const {
    return form_ ? form_->lanes() : lanes_per_record(record_bytes);
  }

  /// Content of an invertible lane of `bits` bits; requires lane < kLaneLimit,
  /// 1 ≤ generation ≤ kLastGeneration. A complete lane of bytes has 64 bits.
  std::uint64_t lane(LaneIdentity identity, unsigned bits = 64) const;

  /// Decodes any number of `bits` bits; the caller must check whether the identity exists. A stamp
  /// of another seed decodes to a wrong lane number (see may_share_origin), with the correct
  /// generation, and can thus be distinguished from noise.
  LaneIdentity decode(std::uint64_t content, unsigned bits = 64) const;

  /// True if two decoded identities may be those of two lanes of one array of any seed, the second
  /// `distance` lanes after the first: a power of two, or its negative modulo 2^64. `bits`: the
  /// width of the narrower lane.
  bool may_share_origin(const LaneIdentity& a, const LaneIdentity& b, std::uint64_t distance,
                        unsigned bits) const;

  /// Content of a lane of `bits` bits (0 to 63) that cannot be inverted, because it is a short lane
  /// of bytes or has fewer values than the array has lanes. Never zero, except for 0 bits.
  std::uint64_t narrow_lane(LaneIdentity identity, unsigned bits) const;

  /// Calls `visit(lane)` for each lane of a record in order, until it returns false.
  template <typename Visit>
  void for_each_lane(std::uint64_t record_bytes, Visit visit) const {
    for_each_row(record_bytes, [&](const ValueForm::Row& row) { return row.for_each_lane(visit); });
  }

  /// The record with all bytes that belong to no value set to zero: their content is not
  /// guaranteed.
  std::vector<std::byte> values_of(std::span<const std::byte> record) const;

  /// Writes the stamps of the records into `bytes`; leaves the bytes between records.
  void fill_all(std::span<std::byte> bytes, const RecordRow& row, unsigned generation) const;
  /// The same for the record of one element.
  void fill(std::span<std::byte> record, std::uint64_t element, unsigned generation) const;

  /// True if the values in `bytes` equal what `fill_all` writes. Does not allocate.
  bool match_all(std::span<const std::byte> bytes, const RecordRow& row, unsigned generation) const;
  /// The same for the record of one element.
  bool matches(std::span<const std::byte> record, std::uint64_t element, unsigned generation) const;

 private:
  /// The lanes of a record of bytes: whole ones, and a short one. A row without lanes stands for
  /// none.
  static std::array<ValueForm::Row, 2> byte_rows(std::uint64_t record_bytes);
  template <typename Visit>
  bool for_each_row(std::uint64_t record_bytes, Visit visit) const {
    if (form_) return form_->for_each_row(visit);
    return std::ranges::all_of(byte_rows(record_bytes), [&](const ValueForm::Row& row) {
      return row.count == 0 || visit(row);
    });
  }
  template <typename Target>
  bool apply_to_all(const RecordRow& records, unsigned generation, Target target) const;

  std::uint64_t seed_;
  std::uint64_t key_;  // 56 bits
  std::shared_ptr<const ValueForm> form_;
  unsigned version_;
};

/// Probability that a misplaced or corrupt record with that many stamp bits is taken for correct. A
/// lost record with at least 8 bits is always detected, because stamps of different generations
/// differ.
double chance_of_mistake(std::uint64_t stamp_bits);

/// Derives 64 well-mixed bits from `seed` and `stream`, for every part of a run that needs an
/// independent seed.
std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t stream);

}  // namespace npyrace
