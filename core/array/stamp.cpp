#include "core/array/stamp.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <utility>

#include "core/array/lane_content.h"
#include "core/base/checked.h"

namespace npyrace {
namespace {

using namespace lane_content;
using Lane = ValueForm::Lane;

/// Lanes of equal form at constant distance: in memory, and by number in the array.
struct Line {
  Lanes numbers;
  std::uint64_t offset_bytes = 0;
  std::uint64_t step_bytes = 0;
  std::uint64_t count = 0;
};

/// Calls `work` with the contents of lanes like `lane`.
template <typename Work>
auto with_contents(const Lane& lane, const Lanes& numbers, std::uint64_t key, unsigned generation,
                   unsigned version, Work work) {
  if (lane.invertible && version == 1) return work(Mixed(numbers, key, generation, lane.bits));
  if (lane.invertible && lane.bits == 64) return work(WholeProducts(numbers, key, generation));
  if (lane.invertible) return work(Products(numbers, key, generation, lane.bits));
  if (lane.bits < 2) return work(Constant(lane.bits));
  if (version == 1) return work(NarrowMixed(numbers, key, generation, lane.bits));
  return work(NarrowProducts(numbers, key, generation, lane.bits));
}

std::uint64_t little_endian(std::uint64_t value) {
  if constexpr (std::endian::native == std::endian::little) return value;
  return __builtin_bswap64(value);
}

// Packings: the bytes of a lane of up to 8 bytes as one number, from the lowest byte.

/// Bytes whose bits are the content itself.
struct Plain {
  std::uint64_t operator()(std::uint64_t content) const { return content; }
};

/// kCount floating-point numbers of kWidth bits, as floating_from makes each of them.
template <unsigned kWidth, unsigned kCount, bool kBigEndian>
struct Floats {
  std::uint64_t operator()(std::uint64_t content) const {
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < kCount; ++i)
      bits |= ((content >> (i * (kWidth - 2))) & low_bits(kWidth - 2)) << (i * kWidth);
    const std::uint64_t numbers = (bits & each(low_bits(kWidth - 3))) |
                                  ((bits << 2) & each(std::uint64_t{1} << (kWidth - 1))) |
                                  each(std::uint64_t{1} << (kWidth - 3));
    if (!kBigEndian) return numbers;
    std::uint64_t swapped = 0;
    for (unsigned i = 0; i < kCount; ++i)
      swapped |= __builtin_bswap64(numbers >> (i * kWidth)) >> (64 - kWidth) << (i * kWidth);
    return swapped;
  }

 private:
  /// The same bits in each number.
  static constexpr std::uint64_t each(std::uint64_t bits) {
    std::uint64_t all = 0;
    for (unsigned i = 0; i < kCount; ++i) all |= bits << (i * kWidth);
    return all;
  }
};

/// Reads a little-endian number of kBytes bytes (1 to 8), by loads of powers of two: a partly
/// written register is slow to read.
template <std::size_t kBytes>
std::uint64_t load(const std::byte* place) {
  constexpr std::size_t kPart = std::bit_floor(kBytes);
  if constexpr (kPart < kBytes) {
    return load<kPart>(place) | load<kBytes - kPart>(place + kPart) << (8 * kPart);
  } else {
    std::uint64_t value = 0;
    if constexpr (kBytes == 1) {
      value = std::to_integer<std::uint64_t>(*place);
    } else {
      using Number =
          std::conditional_t<kBytes == 8, std::uint64_t,
                             std::conditional_t<kBytes == 4, std::uint32_t, std::uint16_t>>;
      Number number = 0;
      std::memcpy(&number, place, kBytes);
      value = number;
    }
    return little_endian(value) >>
           (std::endian::native == std::endian::little ? 0 : 64 - 8 * kBytes);
  }
}

/// Memory access of kBytes bytes, or of `bytes` (1, 2, 3, 5, 6 or 7) if kBytes is 0. Stamps are
/// stored in little-endian order on every machine.
template <std::size_t kBytes>
struct Access {
  std::size_t bytes = kBytes;

  void store(std::byte* place, std::uint64_t value) const {
    value = little_endian(value);
    with_size([&](auto size) {
      std::memcpy(place, &value, size);
      return value;
    });
  }
  /// Zero if the bytes at `place` are those of `value`.
  std::uint64_t difference(const std::byte* place, std::uint64_t value) const {
    return value ^ with_size([&](auto size) { return load<size>(place); });
  }

 private:
  /// Calls `work` with the size as a constant.
  template <typename Work>
  std::uint64_t with_size(Work work) const {
    if constexpr (kBytes != 0) return work(std::integral_constant<std::size_t, kBytes>());
    switch (bytes) {
      case 1:
        return work(std::integral_constant<std::size_t, 1>());
      case 2:
        return work(std::integral_constant<std::size_t, 2>());
      case 3:
        return work(std::integral_constant<std::size_t, 3>());
      case 5:
        return work(std::integral_constant<std::size_t, 5>());
      case 6:
        return work(std::integral_constant<std::size_t, 6>());
      default:
        return work(std::integral_constant<std::size_t, 7>());
    }
  }
};

/// Calls `work(packing, access)` for lanes that have one; otherwise returns false.
template <typename Work>
bool with_packing(const Lane& lane, Work work) {
  const Atom& atom = *lane.atoms.front().atom;
  const std::size_t count = lane.atoms.size();
  const std::size_t bytes = count * atom.size_bytes;
  if (!lane.uniform || bytes > kLaneBytes) return false;
  const bool plain =
      atom.kind == Atom::Kind::raw || (atom.kind == Atom::Kind::count && !atom.big_endian);
  if (plain) {
    if (bytes == kLaneBytes)
      work(Plain(), Access<kLaneBytes>());
    else if (bytes == 4)
      work(Plain(), Access<4>());
    else
      work(Plain(), Access<0>{bytes});
    return true;
  }
  if (atom.kind != Atom::Kind::floating) return false;
  const auto floats = [&]<unsigned kWidth, unsigned kCount>() {
    if (8u * atom.size_bytes != kWidth || count != kCount) return false;
    if (atom.big_endian)
      work(Floats<kWidth, kCount, true>(), Access<kWidth * kCount / 8>());
    else
      work(Floats<kWidth, kCount, false>(), Access<kWidth * kCount / 8>());
    return true;
  };
  return floats.template operator()<64, 1>() || floats.template operator()<32, 2>() ||
         floats.template operator()<32, 1>() || floats.template operator()<16, 4>();
}

/// The bits of an atom, from the lowest; put_atom ignores those above.
std::uint64_t shifted(std::uint64_t content, const ValueForm::Placed& placed) {
  return placed.shift >= 64 ? 0 : content >> placed.shift;
}

/// Calls `work` with the line's step; as a constant if it is one lane, for vector instructions.
template <typename Work>
auto with_step(const Line& line, Work work) {
  if (line.step_bytes == kLaneBytes)
    return work(std::integral_constant<std::uint64_t, kLaneBytes>());
  return work(line.step_bytes);
}

template <typename Contents, typename Step, typename Work>
[[gnu::always_inline]] inline std::uint64_t loop_over_lanes(Contents contents, std::uint64_t count,
                                                            Step step_bytes, Work work) {
  std::uint64_t x = contents.first;
  std::uint64_t offset_bytes = 0;
  std::uint64_t all = 0;
  for (std::uint64_t i = 0; i < count; ++i, x += contents.step, offset_bytes += step_bytes)
    all |= work(contents.of(x), offset_bytes);
  return all;
}

#ifdef __x86_64__
template <typename Contents, typename Step, typename Work>
[[gnu::target("avx2")]] std::uint64_t loop_with_avx2(Contents contents, std::uint64_t count,
                                                     Step step_bytes, Work work) {
  return loop_over_lanes(contents, count, step_bytes, work);
}
const bool kHasAvx2 = __builtin_cpu_supports("avx2") != 0;
#endif

template <typename Contents, typename Step, typename Work>
std::uint64_t loop_by_vectors(Contents contents, std::uint64_t count, Step step_bytes, Work work) {
#ifdef __x86_64__
  if (kHasAvx2) return loop_with_avx2(contents, count, step_bytes, work);
#endif
  return loop_over_lanes(contents, count, step_bytes, work);
}

/// Calls `work(content, offset_bytes)` for the lanes of a line; the offset is that from the first
/// one. Returns the bits that are set in any of its results. All arguments are copies: the compiler
/// cannot know that bytes written through a pointer are not theirs.
template <typename Contents, typename Step, typename Work>
std::uint64_t for_lanes(Contents contents, std::uint64_t count, Step step_bytes, Work work) {
  if constexpr (!std::is_same_v<Step, std::uint64_t>)
    return loop_by_vectors(contents, count, step_bytes, work);
  // Only loops with a constant step become vector instructions: makes some contents at a time.
  constexpr std::uint64_t kAtATime = 256;
  std::array<std::uint64_t, kAtATime> made;
  std::uint64_t all = 0;
  for (std::uint64_t done = 0; done < count; done += kAtATime) {
    const std::uint64_t part = std::min(kAtATime, count - done);
    loop_by_vectors(contents, part, std::integral_constant<std::uint64_t, 1>(),
                    [to = made.data()](std::uint64_t content, std::uint64_t i) {
                      to[i] = content;
                      return 0;
                    });
    contents.first += part * contents.step;
    for (std::uint64_t i = 0; i < part; ++i) all |= work(made[as_size(i)], (done + i) * step_bytes);
  }
  return all;
}

/// Writes lines of lanes.
class Filler {
 public:
  explicit Filler(std::byte* bytes) : bytes_(bytes) {}

  template <typename Contents>
  bool operator()(const Lane& lane, const Line& line, const Contents& contents) const {
    std::byte* const first = bytes_ + line.offset_bytes;
    const bool packed = with_packing(lane, [&](auto packing, auto access) {
      with_step(line, [&](auto step_bytes) {
        for_lanes(contents, line.count, step_bytes, [=](std::uint64_t content, auto place) {
          access.store(first + place, packing(content));
          return 0;
        });
      });
    });
    if (packed) return true;
    for_lanes(contents, line.count, line.step_bytes, [&](std::uint64_t content, auto place) {
      for (const ValueForm::Placed& placed : lane.atoms)
        put_atom(*placed.atom, shifted(content, placed),
                 {first + place + placed.offset_bytes, placed.atom->size_bytes});
      return 0;
    });
    return true;
  }

 private:
  std::byte* bytes_;
};

/// Compares lines of lanes with their stamps.
class Matcher {
 public:
  explicit Matcher(const std::byte* bytes) : bytes_(bytes) {}

  template <typename Contents>
  bool operator()(const Lane& lane, const Line& line, const Contents& contents) const {
    const std::byte* const first = bytes_ + line.offset_bytes;
    std::uint64_t differences = 0;
    const bool packed = with_packing(lane, [&](auto packing, auto access) {
      with_step(line, [&](auto step_bytes) {
        differences =
            for_lanes(contents, line.count, step_bytes, [=](std::uint64_t content, auto place) {
              return access.difference(first + place, packing(content));
            });
      });
    });
    if (packed) return differences == 0;
    return 0 ==
           for_lanes(contents, line.count, line.step_bytes, [&](std::uint64_t content, auto place) {
             return same(lane, content, first + place) ? 0 : 1;
           });
  }

 private:
  static bool same(const Lane& lane, std::uint64_t content, const std::byte* place) {
    return std::ranges::all_of(lane.atoms, [&](const ValueForm::Placed& placed) {
      std::array<std::byte, 16> space;
      const auto wanted = std::span(space).first(placed.atom->size_bytes);
      put_atom(*placed.atom, shifted(content, placed), wanted);
      return same_atom(*placed.atom, wanted, {place + placed.offset_bytes, wanted.size()});
    });
  }

  const std::byte* bytes_;
};

/// Bytes that are stamped or compared lane by lane before the next ones: few enough for a
/// processor's first cache, because records of several kinds of lanes are passed once for each.
constexpr std::uint64_t kTileBytes = 16 << 10;

/// Atoms of 0 to 8 bytes that are all values, and each alone in a lane.
constexpr std::array kRawAtoms = [] {
  std::array<Atom, kLaneBytes + 1> atoms;
  for (std::size_t bytes = 0; bytes < atoms.size(); ++bytes)
    atoms[bytes] = {.size_bytes = static_cast<std::uint8_t>(bytes),
                    .bits = static_cast<std::uint8_t>(8 * bytes)};
  return atoms;
}();
constexpr std::array kRawLanes = [] {
  std::array<ValueForm::Placed, kLaneBytes + 1> lanes{};
  for (std::size_t bytes = 0; bytes < lanes.size(); ++bytes) lanes[bytes].atom = &kRawAtoms[bytes];
  return lanes;
}();

}  // namespace

// The low byte of the input is the generation, which is never 0 and not changed by the key: so the
// input is never 0, and neither is the stamp.
Stamper::Stamper(std::uint64_t seed, std::shared_ptr<const ValueForm> form, unsigned version)
    : seed_(seed),
      key_(mix(seed ^ kGenerationStep) % kLaneLimit),
      form_(std::move(form)),
      version_(version) {}

std::uint64_t Stamper::lane(LaneIdentity identity, unsigned bits) const {
  return with_contents({.bits = bits, .invertible = true}, {identity.lane}, key_,
                       identity.generation, version_,
                       [](const auto& contents) { return contents.of(contents.first); });
}

std::uint64_t Stamper::narrow_lane(LaneIdentity identity, unsigned bits) const {
  return with_contents({.bits = bits}, {identity.lane}, key_, identity.generation, version_,
                       [](const auto& contents) { return contents.of(contents.first); });
}

LaneIdentity Stamper::decode(std::uint64_t content, unsigned bits) const {
  const std::uint64_t input =
      version_ == 1 ? unmix(content, bits)
                    : (Spreading(bits).inverse_of(content) * kFactorInverse) & low_bits(bits);
  const std::uint64_t lane = version_ == 1 ? (input >> 8) ^ key_ : (input >> 8) - key_;
  return {.lane = lane & low_bits(bits - 8), .generation = static_cast<unsigned>(input & 0xff)};
}

// Version 1: the numbers are changed by the xor of two keys. Numbers n and n + 2^k differ in a
// contiguous group of bits, also after that.
bool Stamper::may_share_origin(const LaneIdentity& a, const LaneIdentity& b, std::uint64_t distance,
                               unsigned bits) const {
  if (a.generation != b.generation) return false;
  const std::uint64_t all = low_bits(bits - 8);
  if (version_ != 1) return ((b.lane - a.lane) & all) == (distance & all);
  const std::uint64_t step = (a.lane ^ b.lane) & all;
  return step != 0 && std::has_single_bit((step >> std::countr_zero(step)) + 1);
}

std::array<ValueForm::Row, 2> Stamper::byte_rows(std::uint64_t record_bytes) {
  const auto row = [](std::uint64_t number, std::uint64_t lane_bytes, std::uint64_t lanes) {
    return ValueForm::Row{.first = {.number = number,
                                    .offset_bytes = number * kLaneBytes,
                                    .bits = kRawAtoms[as_size(lane_bytes)].bits,
                                    .invertible = lane_bytes == kLaneBytes,
                                    .atoms = std::span(kRawLanes).subspan(as_size(lane_bytes), 1)},
                          .count = lanes,
                          .step_bytes = lane_bytes};
  };
  const std::uint64_t whole = record_bytes / kLaneBytes;
  const std::uint64_t short_bytes = record_bytes % kLaneBytes;
  return {row(0, kLaneBytes, whole), row(whole, short_bytes, short_bytes > 0 ? 1 : 0)};
}

std::vector<std::byte> Stamper::values_of(std::span<const std::byte> record) const {
  return form_ ? form_->without_gaps(record) : std::vector<std::byte>(record.begin(), record.end());
}

/// Calls `sink(lane, line, contents)` for all lanes of the records, in as few lines as possible:
/// along a record if that has more lanes than there are records, else across the records. Records
/// of one row of lanes that are back to back are one line.
template <typename Sink>
bool Stamper::for_each_line(const RecordRow& records, unsigned generation, const Sink& sink) const {
  const std::uint64_t lanes = this->lanes(records.record_bytes);
  const std::uint64_t first_lane = records.first_element * lanes;
  const std::uint64_t lane_step = records.element_step * lanes;
  return for_each_row(records.record_bytes, [&](const ValueForm::Row& row) {
    const Lane& lane = row.first;
    const auto visit = [&](const Line& line) {
      return with_contents(lane, line.numbers, key_, generation, version_,
                           [&](const auto& contents) { return sink(lane, line, contents); });
    };
    /// Visits a line `times` times, each time further by these steps.
    const auto repeat = [&](Line line, std::uint64_t times, std::uint64_t lanes_further,
                            std::uint64_t bytes_further) {
      bool going = true;
      for (std::uint64_t i = 0; i < times && going; ++i) {
        going = visit(line);
        line.numbers.first += lanes_further;
        line.offset_bytes += bytes_further;
      }
      return going;
    };
    Line line{.numbers = {first_lane + lane.number},
              .offset_bytes = lane.offset_bytes,
              .step_bytes = row.step_bytes,
              .count = row.count};
    const bool joined = row.count == lanes && row.count * row.step_bytes == records.step_bytes;
    if (joined && records.element_step == 1) {
      line.count *= records.records;
      return visit(line);
    }
    if (row.count >= records.records)
      return repeat(line, records.records, lane_step, records.step_bytes);
    line.numbers.step = lane_step;
    line.step_bytes = records.step_bytes;
    line.count = records.records;
    return repeat(line, row.count, 1, row.step_bytes);
  });
}

namespace {

/// Calls `work(part, offset_bytes)` for parts of the records of about kTileBytes, until it returns
/// false.
template <typename Work>
bool for_each_tile(const RecordRow& row, Work work) {
  const std::uint64_t most =
      std::max<std::uint64_t>(1, kTileBytes / std::max<std::uint64_t>(1, row.step_bytes));
  RecordRow part = row;
  bool going = true;
  for (std::uint64_t done = 0; done < row.records && going; done += part.records) {
    part.first_element = row.first_element + done * row.element_step;
    part.records = std::min(most, row.records - done);
    going = work(part, done * row.step_bytes);
  }
  return going;
}

RecordRow single(std::uint64_t element, std::uint64_t record_bytes) {
  return {element, 1, record_bytes, record_bytes};
}

}  // namespace

void Stamper::fill_all(std::span<std::byte> bytes, const RecordRow& row,
                       unsigned generation) const {
  if (form_ && form_->has_gaps())
    for (std::uint64_t i = 0; i < row.records; ++i)
      std::ranges::fill(bytes.subspan(as_size(i * row.step_bytes), as_size(row.record_bytes)),
                        std::byte{0});
  for_each_tile(row, [&](const RecordRow& part, std::uint64_t offset_bytes) {
    return for_each_line(part, generation, Filler(bytes.data() + offset_bytes));
  });
}

bool Stamper::match_all(std::span<const std::byte> bytes, const RecordRow& row,
                        unsigned generation) const {
  return for_each_tile(row, [&](const RecordRow& part, std::uint64_t offset_bytes) {
    return for_each_line(part, generation, Matcher(bytes.data() + offset_bytes));
  });
}

void Stamper::fill(std::span<std::byte> record, std::uint64_t element, unsigned generation) const {
  fill_all(record, single(element, record.size()), generation);
}

bool Stamper::matches(std::span<const std::byte> record, std::uint64_t element,
                      unsigned generation) const {
  return match_all(record, single(element, record.size()), generation);
}

double chance_of_mistake(std::uint64_t stamp_bits) {
  return std::pow(2.0, -static_cast<double>(std::min<std::uint64_t>(stamp_bits, 800)));
}

std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t stream) {
  return mix(mix(seed + kGenerationStep) ^ (stream * kGenerationStep + 1));
}

}  // namespace npyrace
