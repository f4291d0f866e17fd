#pragma once
// Stamps for records whose bytes are not all values: floats, booleans, text, dates, structures with
// gaps. A program that copies such a record value by value, in any language, must carry the stamp
// unchanged. So each value carries only as many bits as it has values that survive a copy, and the
// bytes between values carry none.
//
// A lane is made of values that follow each other in the record, up to 64 bits of them. A lane that
// is wide enough for the lanes of the array can be inverted, as the lanes of plain bytes can; a
// narrower one is compared with what it could be.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/npy/dtype.h"

namespace npyrace {

/// One value, or a part of one that stands for itself: a character, some bytes of a raw item.
struct Atom {
  enum class Kind : std::uint8_t {
    raw,          ///< all bytes are values
    boolean,      ///< 0 or 1
    floating,     ///< finite, normal, not zero
    long_double,  ///< the same, as the compiler of this program lays it out
    character,    ///< four bytes: a code point that no program changes
    ascii,        ///< one byte: a letter, a digit, + or -
    count,        ///< eight bytes: a number that is not negative
    not_a_time,   ///< eight bytes that have one value
  };
  Kind kind = Kind::raw;
  bool big_endian = false;
  std::uint8_t size_bytes = 1;
  std::uint8_t bits = 8;  ///< that it carries

  bool operator==(const Atom&) const = default;
};

/// Writes the value that carries the low bits of `bits` into the atom's bytes. A gap inside the
/// atom becomes zero.
void put_atom(const Atom& atom, std::uint64_t bits, std::span<std::byte> bytes);

/// The stamp that the value carries; nothing where no stamp can have left it.
std::optional<std::uint64_t> take_atom(const Atom& atom, std::span<const std::byte> bytes);

/// Whether both hold the same value; bytes that belong to no value do not count.
bool same_atom(const Atom& atom, std::span<const std::byte> a, std::span<const std::byte> b);

/// Where the values of a record lie and how they make lanes. Immutable.
class ValueForm {
 public:
  /// For records of `items` items, `elements` of them in the array.
  ValueForm(const Dtype& item, std::uint64_t items, std::uint64_t elements);

  /// True when every byte is a value: then stamps need no form.
  bool all_bytes() const { return all_bytes_; }
  /// How many bits of stamp a record carries.
  std::uint64_t bits() const { return bits_; }
  std::uint64_t lanes() const { return lanes_; }

  /// Left uninitialised: a lane has room for 64, and a record mostly has one.
  struct Placed {
    const Atom* atom;
    std::uint64_t offset_bytes;  ///< in the record
    unsigned shift;              ///< of its bits in the lane's
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

  /// The record with zeros in all bytes that belong to no value.
  std::vector<std::byte> without_gaps(std::span<const std::byte> record) const;

 private:
  static constexpr unsigned kMostLaneBits = 64;

  /// The lane that is being filled.
  struct Filling {
    std::uint64_t number = 0;
    unsigned bits = 0;
    std::size_t count = 0;
    std::array<Placed, kMostLaneBits> atoms;
  };

  /// Atoms of one kind that lie back to back.
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
