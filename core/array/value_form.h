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

  /// Deliberately uninitialised: there is room for 64 per lane, and most records need one.
  struct Placed {
    const Atom* atom;
    std::uint64_t offset_bytes;  ///< in the record
    unsigned shift;              ///< position of its bits within the lane
  };
  struct Lane {
    std::uint64_t number = 0;  ///< in the record
    unsigned bits = 0;
    bool invertible = false;
    std::span<const Placed> atoms;
  };

  /// Calls `visit(lane)` for each lane of a record in order, until it returns false.
  template <typename Visit>
  void for_each_lane(Visit visit) const {
    Filling filling;
    bool going = true;
    const auto close = [&] {
      if (filling.count == 0) return;
      going = visit(Lane{.number = filling.number,
                         .bits = filling.bits,
                         .invertible = invertible(filling.bits),
                         .atoms = std::span(filling.atoms).first(filling.count)});
      filling.number += 1;
      filling.bits = 0;
      filling.count = 0;
    };
    for (std::uint64_t item = 0; item < items_ && going; ++item) {
      for (const Segment& segment : segments_) {
        std::uint64_t offset_bytes = item * item_bytes_ + segment.offset_bytes;
        for (std::uint64_t i = 0; i < segment.count && going; ++i) {
          const bool full = filling.bits + segment.atom.bits > kMostLaneBits ||
                            filling.count == filling.atoms.size();
          if (full) close();
          filling.atoms[filling.count++] = {&segment.atom, offset_bytes, filling.bits};
          filling.bits += segment.atom.bits;
          offset_bytes += segment.atom.size_bytes;
        }
      }
    }
    if (going) close();
  }

  /// The record with all bytes that belong to no value set to zero.
  std::vector<std::byte> without_gaps(std::span<const std::byte> record) const;

 private:
  static constexpr unsigned kMostLaneBits = 64;

  /// The lane being assembled.
  struct Filling {
    std::uint64_t number = 0;
    unsigned bits = 0;
    std::size_t count = 0;
    std::array<Placed, kMostLaneBits> atoms;
  };

  /// Contiguous atoms of one kind.
  struct Segment {
    std::uint64_t offset_bytes = 0;  ///< in the item
    Atom atom;
    std::uint64_t count = 0;
  };
  void add(const Dtype& type, std::uint64_t offset_bytes);
  void add(const ScalarType& type, std::uint64_t offset_bytes);
  void add(std::uint64_t offset_bytes, const Atom& atom, std::uint64_t count);
  bool invertible(unsigned bits) const;

  std::vector<Segment> segments_;
  std::uint64_t item_bytes_ = 0;
  std::uint64_t items_ = 0;
  std::uint64_t bits_ = 0;
  std::uint64_t lanes_ = 0;
  std::uint64_t array_lanes_ = 0;
  bool all_bytes_ = false;
};

}  // namespace npyrace
