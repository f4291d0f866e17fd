#include "core/array/value_form.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "core/base/checked.h"

namespace npyrace {
namespace {

constexpr unsigned kGenerationBits = 8;
/// A lane counts as invertible if at most one in 2^4 of its possible lane numbers exists, so that
/// noise rarely decodes to an existing one.
constexpr unsigned kSpareBits = 4;

// No character of this alphabet is a NUL, a blank, or a line end, which would end or shorten
// strings in C or Fortran; all are ASCII, so that they exist in every text encoding.
constexpr char kAlphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+-";
static_assert(sizeof kAlphabet == 64 + 1);
constexpr unsigned kAsciiBits = 6;

constexpr unsigned kCharacterBits = 14;

constexpr bool kBigEndianHost = std::endian::native == std::endian::big;

/// Number of bits of 64 that do not fit in that many bytes (1 to 8).
constexpr unsigned unused_bits(std::size_t size_bytes) {
  return static_cast<unsigned>(64 - 8 * size_bytes);
}

/// Reads a number of 1 to 8 bytes.
std::uint64_t load(std::span<const std::byte> bytes, bool big_endian) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), bytes.size());
  if (big_endian != kBigEndianHost) value = __builtin_bswap64(value);
  return big_endian ? value >> unused_bits(bytes.size()) : value;
}

void store(std::uint64_t value, std::span<std::byte> bytes, bool big_endian) {
  if (big_endian) value <<= unused_bits(bytes.size());
  if (big_endian != kBigEndianHost) value = __builtin_bswap64(value);
  std::memcpy(bytes.data(), &value, bytes.size());
}

std::optional<std::uint64_t> bits_of_floating(std::uint64_t value, unsigned width) {
  const std::uint64_t bits =
      ((value >> (width - 1)) << (width - 3)) | (value & low_bits(width - 3));
  if (floating_from(bits, width) != value) return std::nullopt;
  return bits;
}

/// Number of significant bytes of a long double, from the lowest.
constexpr std::size_t long_double_value_bytes() {
  return std::numeric_limits<long double>::digits == 64 ? 10 : sizeof(long double);
}

/// Files have the long doubles of 64-bit systems. The format of x86 fills 16 bytes there, and 12
/// bytes in memory of 32-bit systems: the rest is a gap.
constexpr std::size_t kLongDoubleBytes = 16;

constexpr bool is_own_long_double(std::uint64_t number_bytes) {
  return number_bytes == kLongDoubleBytes && long_double_value_bytes() > sizeof(double);
}

using LongDouble = std::array<std::byte, kLongDoubleBytes>;

/// Restricted to values of a double, because a program may convert to one.
LongDouble long_double_from(std::uint64_t bits) {
  const long double value = std::bit_cast<double>(floating_from(bits, 64));
  LongDouble bytes{};
  std::memcpy(bytes.data(), &value, long_double_value_bytes());
  return bytes;
}

void put_long_double(const Atom& atom, std::uint64_t bits, std::span<std::byte> bytes) {
  LongDouble value = long_double_from(bits);
  if (atom.big_endian) std::ranges::reverse(value);
  std::ranges::copy(value, bytes.begin());
}

std::optional<std::uint64_t> take_long_double(const Atom& atom, std::span<const std::byte> bytes) {
  LongDouble copy{};
  std::ranges::copy(bytes, copy.begin());
  if (atom.big_endian) std::ranges::reverse(copy);
  long double value = 0;
  std::memcpy(&value, copy.data(), long_double_value_bytes());
  const auto bits = bits_of_floating(std::bit_cast<std::uint64_t>(static_cast<double>(value)), 64);
  if (!bits) return std::nullopt;
  const LongDouble again = long_double_from(*bits);
  if (std::memcmp(again.data(), copy.data(), long_double_value_bytes()) != 0) return std::nullopt;
  return bits;
}

std::optional<std::uint64_t> take_count(const Atom& atom, std::uint64_t value) {
  if (value > low_bits(atom.bits)) return std::nullopt;
  return value;
}

/// Number of bits for which a count of units stays within the dates of other languages (years 1970
/// to 9999) and within 2^63 microseconds, into which NumPy converts timedeltas for Python objects;
/// beyond that it wraps around silently.
struct TimeUnitRow {
  const char* unit;
  unsigned datetime_bits;
  unsigned timedelta_bits;
};
constexpr TimeUnitRow kTimeUnits[] = {{"Y", 12, 31}, {"M", 16, 31},  {"W", 18, 23},
                                      {"D", 21, 26}, {"h", 26, 31},  {"m", 31, 37},
                                      {"s", 37, 43}, {"ms", 47, 53}, {"us", 57, 62}};
constexpr unsigned kFineTimeBits = 62;  // ns and finer: treated as plain integers everywhere

/// 0 if only "not a time" is possible.
unsigned time_bits(const ScalarType& type) {
  const bool is_date = type.kind == ScalarKind::datetime;
  if (!type.unit) return is_date ? 0 : kFineTimeBits;
  unsigned bits = kFineTimeBits;
  for (const TimeUnitRow& row : kTimeUnits)
    if (type.unit->unit == row.unit) bits = is_date ? row.datetime_bits : row.timedelta_bits;
  const auto multiple = static_cast<std::uint32_t>(std::max(1, type.unit->multiple));
  const auto lost = static_cast<unsigned>(std::bit_width(multiple - 1));
  return bits > lost ? bits - lost : 0;
}

Atom time_atom(const ScalarType& type, bool big_endian) {
  const unsigned bits = time_bits(type);
  return {.kind = bits == 0 ? Atom::Kind::not_a_time : Atom::Kind::count,
          .big_endian = big_endian,
          .size_bytes = 8,
          .bits = static_cast<std::uint8_t>(bits)};
}

/// A float of that size, or half of a complex number.
Atom floating_atom(std::uint64_t size_bytes, bool big_endian) {
  const bool is_long = size_bytes > 8;
  return {.kind = is_long ? Atom::Kind::long_double : Atom::Kind::floating,
          .big_endian = big_endian,
          .size_bytes = static_cast<std::uint8_t>(size_bytes),
          .bits = static_cast<std::uint8_t>(is_long ? 62 : 8 * size_bytes - 2)};
}

Atom raw_atom(std::uint64_t size_bytes) {
  return {.kind = Atom::Kind::raw,
          .size_bytes = static_cast<std::uint8_t>(size_bytes),
          .bits = static_cast<std::uint8_t>(8 * size_bytes)};
}

}  // namespace

void put_atom(const Atom& atom, std::uint64_t bits, std::span<std::byte> bytes) {
  bits &= low_bits(atom.bits);
  switch (atom.kind) {
    case Atom::Kind::raw:
    case Atom::Kind::boolean:
    case Atom::Kind::count:
      return store(bits, bytes, atom.big_endian);
    case Atom::Kind::floating:
      return store(floating_from(bits, 8u * atom.size_bytes), bytes, atom.big_endian);
    case Atom::Kind::long_double:
      return put_long_double(atom, bits, bytes);
    case Atom::Kind::character:
      return store(kFirstCharacter + bits, bytes, atom.big_endian);
    case Atom::Kind::ascii:
      bytes[0] = static_cast<std::byte>(kAlphabet[bits]);
      return;
    case Atom::Kind::not_a_time:
      return store(kNotATime, bytes, atom.big_endian);
  }
}

std::optional<std::uint64_t> take_atom(const Atom& atom, std::span<const std::byte> bytes) {
  if (atom.kind == Atom::Kind::long_double) return take_long_double(atom, bytes);
  const std::uint64_t value = load(bytes, atom.big_endian);
  switch (atom.kind) {
    case Atom::Kind::raw:
      return value;
    case Atom::Kind::boolean:
    case Atom::Kind::count:
      return take_count(atom, value);
    case Atom::Kind::floating:
      return bits_of_floating(value, 8u * atom.size_bytes);
    case Atom::Kind::character:
      if (value < kFirstCharacter) return std::nullopt;
      return take_count(atom, value - kFirstCharacter);
    case Atom::Kind::ascii: {
      const auto* const place = std::find(kAlphabet, kAlphabet + 64, static_cast<char>(value));
      if (place == kAlphabet + 64) return std::nullopt;
      return static_cast<std::uint64_t>(place - kAlphabet);
    }
    default:
      return value == kNotATime ? std::optional<std::uint64_t>(0) : std::nullopt;
  }
}

bool same_atom(const Atom& atom, std::span<const std::byte> a, std::span<const std::byte> b) {
  if (atom.kind != Atom::Kind::long_double) return std::memcmp(a.data(), b.data(), a.size()) == 0;
  const std::size_t gap_bytes = a.size() - long_double_value_bytes();
  const std::size_t start = atom.big_endian ? gap_bytes : 0;
  return std::memcmp(a.data() + start, b.data() + start, long_double_value_bytes()) == 0;
}

ValueForm::ValueForm(const Dtype& item, std::uint64_t items, std::uint64_t elements)
    : item_bytes_(item.itemsize_bytes()), items_(items) {
  add(item, 0);
  std::uint64_t value_bytes = 0;
  bool raw = true;
  for (const Segment& segment : segments_) {
    value_bytes += segment.atom.size_bytes * segment.count;
    bits_ += segment.atom.bits * segment.count;
    raw = raw && segment.atom.kind == Atom::Kind::raw;
  }
  bits_ *= items;
  has_gaps_ = value_bytes != item_bytes_;
  all_bytes_ = raw && !has_gaps_;
  if (all_bytes_) return;
  join_items();
  for_each_row([this](const Row& row) {
    lanes_ += row.count;
    return true;
  });
  array_lanes_ = lanes_ * elements;
}

/// Items of equal atoms without gaps are one item with more of them, whose lanes form long rows.
void ValueForm::join_items() {
  if (segments_.size() != 1 || has_gaps_) return;
  segments_.front().count *= items_;
  item_bytes_ *= items_;
  items_ = 1;
}

bool ValueForm::invertible(unsigned bits) const {
  if (bits >= kMostLaneBits) return true;
  if (bits <= kGenerationBits + kSpareBits) return false;
  return array_lanes_ <= low_bits(bits - kGenerationBits - kSpareBits);
}

void ValueForm::add(const Dtype& type, std::uint64_t offset_bytes) {
  if (const ScalarType* scalar = type.scalar()) return add(*scalar, offset_bytes);
  if (const StructType* structure = type.structure()) {
    for (const Field& field : structure->fields)
      add(field.dtype, offset_bytes + field.offset_bytes);
    return;
  }
  const SubarrayType& subarray = *type.subarray();
  const std::uint64_t base_bytes = subarray.base.itemsize_bytes();
  if (base_bytes == 0) return;
  for (std::uint64_t place = 0; place < subarray.item_bytes; place += base_bytes)
    add(subarray.base, offset_bytes + place);
}

void ValueForm::add(const ScalarType& type, std::uint64_t offset_bytes) {
  const bool big_endian = type.order == ByteOrder::big;
  const std::uint64_t size_bytes = type.item_bytes;
  switch (type.kind) {
    case ScalarKind::boolean:
      return add(offset_bytes, {.kind = Atom::Kind::boolean, .size_bytes = 1, .bits = 1}, 1);
    case ScalarKind::floating:
    case ScalarKind::complex: {
      const std::uint64_t numbers = type.kind == ScalarKind::complex ? 2 : 1;
      const std::uint64_t number_bytes = size_bytes / numbers;
      // A long double in another machine's format is treated as plain bytes: no program here can
      // copy its value.
      if (number_bytes > sizeof(double) && !is_own_long_double(number_bytes)) break;
      return add(offset_bytes, floating_atom(number_bytes, big_endian), numbers);
    }
    case ScalarKind::datetime:
    case ScalarKind::timedelta:
      return add(offset_bytes, time_atom(type, big_endian), 1);
    case ScalarKind::text:
      return add(offset_bytes,
                 {.kind = Atom::Kind::character,
                  .big_endian = big_endian,
                  .size_bytes = 4,
                  .bits = kCharacterBits},
                 size_bytes / 4);
    case ScalarKind::bytes:
      return add(offset_bytes, {.kind = Atom::Kind::ascii, .size_bytes = 1, .bits = kAsciiBits},
                 size_bytes);
    default:
      break;
  }
  constexpr std::uint64_t kWholeBytes = 8;
  add(offset_bytes, raw_atom(kWholeBytes), size_bytes / kWholeBytes);
  const std::uint64_t rest_bytes = size_bytes % kWholeBytes;
  add(offset_bytes + size_bytes - rest_bytes, raw_atom(rest_bytes), rest_bytes > 0 ? 1 : 0);
}

/// Merges atoms that continue the previous segment: a subarray needs no more memory than its first
/// item.
void ValueForm::add(std::uint64_t offset_bytes, const Atom& atom, std::uint64_t count) {
  if (count == 0) return;
  if (!segments_.empty()) {
    Segment& last = segments_.back();
    const std::uint64_t end_bytes = last.offset_bytes + last.count * last.atom.size_bytes;
    if (last.atom == atom && end_bytes == offset_bytes) {
      last.count += count;
      return;
    }
  }
  segments_.push_back({offset_bytes, atom, count});
}

std::vector<std::byte> ValueForm::without_gaps(std::span<const std::byte> record) const {
  std::vector<std::byte> values(record.size());
  for_each_lane([&](const Lane& lane) {
    for (const Placed& placed : lane.atoms) {
      const auto start = as_size(lane.offset_bytes + placed.offset_bytes);
      const auto bytes = record.subspan(start, placed.atom->size_bytes);
      const auto target = std::span(values).subspan(start, placed.atom->size_bytes);
      std::ranges::copy(bytes, target.begin());
      if (placed.atom->kind != Atom::Kind::long_double) continue;
      const std::size_t gap_bytes = bytes.size() - long_double_value_bytes();
      const std::size_t gap = placed.atom->big_endian ? 0 : long_double_value_bytes();
      std::ranges::fill(target.subspan(gap, gap_bytes), std::byte{0});
    }
    return true;
  });
  return values;
}

}  // namespace npyrace
