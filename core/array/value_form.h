#pragma once
// Stamps for records in which not every byte is a value: floats, booleans, text, dates, structures
// with gaps. A program that copies such a record value by value, in any language, must preserve the
// stamp. Therefore each value carries only as many bits as it has values that survive a copy, and
// bytes between values carry none.
//
// A lane consists of consecutive values of a record with up to 64 bits. A lane that is wide enough
// for all lane numbers of the array can be inverted, as lanes of plain bytes; a narrower one is
// compared with the possible contents.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/npy/dtype.h"

namespace npyrace {

/// One value, or an independent part of one: a character, some bytes of a raw item.
struct Atom {
  enum class Kind : std::uint8_t {
    raw,          ///< all bytes are significant
    boolean,      ///< 0 or 1
    floating,     ///< finite, normal, not zero
    long_double,  ///< as floating, in this compiler's format of long double
    character,    ///< four bytes: a code point that programs do not normalize
    ascii,        ///< one byte: a letter, a digit, + or -
    count,        ///< eight bytes: a non-negative number
    not_a_time,   ///< eight bytes with one possible value (NaT)
  };
  Kind kind = Kind::raw;
  bool big_endian = false;
  std::uint8_t size_bytes = 1;
  std::uint8_t bits = 8;  ///< number of bits it carries

  bool operator==(const Atom&) const = default;
};

/// A number of which only the lowest `bits` bits are set.
constexpr std::uint64_t low_bits(unsigned bits) {
  return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

/// The bit pattern of a floating-point number of `width` bits that carries `bits`, width - 2 of
/// them: a sign, the lower exponents without their upper half, any fraction. Such numbers are far
/// from infinity, zero, and denormals, which some processors flush to zero.
constexpr std::uint64_t floating_from(std::uint64_t bits, unsigned width) {
  const std::uint64_t sign = (bits >> (width - 3)) & 1;
  return (sign << (width - 1)) | (std::uint64_t{1} << (width - 3)) | (bits & low_bits(width - 3));
}

/// CJK ideographs: 2^14 consecutive assigned code points with one UTF-16 unit each, no case, and no
/// normalization.
inline constexpr std::uint64_t kFirstCharacter = 0x4e00;

inline constexpr std::uint64_t kNotATime = std::uint64_t{1} << 63;

/// Writes the value that encodes the low bits of `bits` into the atom's bytes; a gap inside the
/// atom becomes zero.
void put_atom(const Atom& atom, std::uint64_t bits, std::span<std::byte> bytes);

/// Decodes the bits from the value; nothing if the value cannot be a stamp.
std::optional<std::uint64_t> take_atom(const Atom& atom, std::span<const std::byte> bytes);

/// True if both hold the same value, ignoring bytes that belong to no value.
bool same_atom(const Atom& atom, std::span<const std::byte> a, std::span<const std::byte> b);

/// Positions of the values in a record and their grouping into lanes. Immutable.
class ValueForm {
 public:
  /// For records of `items` items, in an array of `elements` records.
  ValueForm(const Dtype& item, std::uint64_t items, std::uint64_t elements);

  /// True if every byte is a value, so that no form is needed.
  bool all_bytes() const { return all_bytes_; }
  /// Number of stamp bits per record.
  std::uint64_t bits() const { return bits_; }
  std::uint64_t lanes() const { return lanes_; }
  /// True if some bytes of a record belong to no value.
  bool has_gaps() const { return has_gaps_; }

  /// Deliberately uninitialised: there is room for 64 per lane, and most records need one.
  struct Placed {
    const Atom* atom;
    std::uint64_t offset_bytes;  ///< in the lane
    unsigned shift;              ///< position of its bits within the lane
  };
  struct Lane {
    std::uint64_t number = 0;        ///< in the record
    std::uint64_t offset_bytes = 0;  ///< in the record
    unsigned bits = 0;
    bool invertible = false;
    bool uniform = true;  ///< its atoms are equal and back to back
    std::span<const Placed> atoms;

    std::uint64_t size_bytes() const {
      return atoms.back().offset_bytes + atoms.back().atom->size_bytes;
    }
  };
  /// Consecutive lanes of the same atoms, each `step_bytes` after the one before it.
  struct Row {
    Lane first;
    std::uint64_t count = 1;
    std::uint64_t step_bytes = 0;

    Lane lane(std::uint64_t i) const {
      Lane one = first;
      one.number += i;
      one.offset_bytes += i * step_bytes;
      return one;
    }
    /// Calls `visit(lane)` for each lane in order, until it returns false. Returns what the last
    /// call returned.
    template <typename Visit>
    bool for_each_lane(Visit visit) const {
      bool going = true;
      for (std::uint64_t i = 0; i < count && going; ++i) going = visit(lane(i));
      return going;
    }
  };

  /// Calls `visit(row)` for the lanes of a record in order, until it returns false. Returns what
  /// the last call returned.
  template <typename Visit>
  bool for_each_row(Visit visit) const {
    Filling filling;
    for (std::uint64_t item = 0; item < items_; ++item) {
      for (const Segment& segment : segments_) {
        const bool last = item + 1 == items_ && &segment == &segments_.back();
        std::uint64_t place = item * item_bytes_ + segment.offset_bytes;
        for (std::uint64_t left = segment.count; left > 0;) {
          if (!filling.has_room_for(segment.atom)) {
            if (!visit(row_of(filling))) return false;
            filling.begin_next(1);
          }
          filling.add(segment.atom, place);
          place += segment.atom.size_bytes;
          --left;
          // Atoms of the same kind fill further lanes in the same way. An atom of another kind may
          // still fit into the last of these lanes.
          const std::uint64_t more = filling.repeats(segment.atom, left, last);
          if (more == 0) continue;
          Row row = row_of(filling);
          row.count += more;
          if (!visit(row)) return false;
          filling.begin_next(row.count);
          left -= more * row.first.atoms.size();
          place += more * row.step_bytes;
        }
      }
    }
    return filling.count == 0 || visit(row_of(filling));
  }

  /// Calls `visit(lane)` for each lane of a record in order, until it returns false.
  template <typename Visit>
  void for_each_lane(Visit visit) const {
    for_each_row([&](const Row& row) { return row.for_each_lane(visit); });
  }

  /// The record with all bytes that belong to no value set to zero.
  std::vector<std::byte> without_gaps(std::span<const std::byte> record) const;

 private:
  static constexpr unsigned kMostLaneBits = 64;

  /// The lane being assembled.
  struct Filling {
    std::uint64_t number = 0;
    std::uint64_t offset_bytes = 0;
    std::uint64_t end_bytes = 0;
    unsigned bits = 0;
    std::size_t count = 0;
    bool uniform = true;
    std::array<Placed, kMostLaneBits> atoms;

    bool has_room_for(const Atom& atom) const {
      return bits + atom.bits <= kMostLaneBits && count < atoms.size();
    }
    void add(const Atom& atom, std::uint64_t place) {
      if (count == 0) offset_bytes = end_bytes = place;
      uniform = uniform && place == end_bytes && (count == 0 || *atoms[0].atom == atom);
      atoms[count++] = {&atom, place - offset_bytes, bits};
      bits += atom.bits;
      end_bytes = place + atom.size_bytes;
    }
    /// Number of further lanes like this one that the next `left` atoms certainly fill.
    std::uint64_t repeats(const Atom& atom, std::uint64_t left, bool last) const {
      if (!uniform || has_room_for(atom)) return 0;
      return (last ? left : left - (left > 0)) / count;
    }
    void begin_next(std::uint64_t lanes) {
      number += lanes;
      bits = 0;
      count = 0;
      uniform = true;
    }
  };
  Row row_of(const Filling& filling) const {
    return {.first = {.number = filling.number,
                      .offset_bytes = filling.offset_bytes,
                      .bits = filling.bits,
                      .invertible = invertible(filling.bits),
                      .uniform = filling.uniform,
                      .atoms = std::span(filling.atoms).first(filling.count)},
            .step_bytes = filling.end_bytes - filling.offset_bytes};
  }

  /// Contiguous atoms of one kind.
  struct Segment {
    std::uint64_t offset_bytes = 0;  ///< in the item
    Atom atom;
    std::uint64_t count = 0;
  };
  void add(const Dtype& type, std::uint64_t offset_bytes);
  void add(const ScalarType& type, std::uint64_t offset_bytes);
  void add(std::uint64_t offset_bytes, const Atom& atom, std::uint64_t count);
  void join_items();
  bool invertible(unsigned bits) const;

  std::vector<Segment> segments_;
  std::uint64_t item_bytes_ = 0;
  std::uint64_t items_ = 0;
  std::uint64_t bits_ = 0;
  std::uint64_t lanes_ = 0;
  std::uint64_t array_lanes_ = 0;
  bool all_bytes_ = false;
  bool has_gaps_ = false;
};

}  // namespace npyrace
