#include "core/array/stamp.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

namespace npyrace {
namespace {

// Multipliers of MurmurHash3's finalizer (odd, so they have inverses modulo 2^64): a bijection in
// which every output bit depends on every input bit. It maps zero to zero.
constexpr std::uint64_t kFirst = 0xff51afd7ed558ccd;
constexpr std::uint64_t kSecond = 0xc4ceb9fe1a85ec53;

/// The inverse of an odd number modulo 2^64 by Newton's iteration; each step doubles the correct
/// bits.
constexpr std::uint64_t inverse(std::uint64_t odd) {
  std::uint64_t x = odd;
  for (int step = 0; step < 6; ++step) x *= 2 - odd * x;
  return x;
}
constexpr std::uint64_t kFirstInverse = inverse(kFirst);
constexpr std::uint64_t kSecondInverse = inverse(kSecond);
static_assert(kFirst * kFirstInverse == 1 && kSecond * kSecondInverse == 1);

constexpr std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 33;
  x *= kFirst;
  x ^= x >> 33;
  x *= kSecond;
  return x ^ (x >> 33);
}

constexpr std::uint64_t unmix(std::uint64_t x) {
  x ^= x >> 33;
  x *= kSecondInverse;
  x ^= x >> 33;
  x *= kFirstInverse;
  return x ^ (x >> 33);
}

constexpr std::uint64_t kGenerationStep = 0x9e3779b97f4a7c19;

/// Short lanes use values 1 … 2^(8 t) - 1, so that none is zero; the step between generations is
/// coprime to the size of that range, so that none repeats.
constexpr std::uint64_t short_range(std::uint64_t size_bytes) {
  return (std::uint64_t{1} << (8 * size_bytes)) - 1;
}
constexpr bool steps_never_repeat() {
  for (std::uint64_t size_bytes = 1; size_bytes < kLaneBytes; ++size_bytes)
    if (std::gcd(kGenerationStep % short_range(size_bytes), short_range(size_bytes)) != 1)
      return false;
  return true;
}
static_assert(steps_never_repeat());

/// The same for lanes of any number of bits.
constexpr std::uint64_t range_of_bits(unsigned bits) {
  return (std::uint64_t{1} << bits) - 1;
}
constexpr std::array<std::uint64_t, 64> steps_of_bits() {
  std::array<std::uint64_t, 64> steps{};
  for (unsigned bits = 2; bits < steps.size(); ++bits) {
    const std::uint64_t range = range_of_bits(bits);
    steps[bits] = kGenerationStep % range;
    while (std::gcd(steps[bits], range) != 1) ++steps[bits];
  }
  return steps;
}
constexpr std::array<std::uint64_t, 64> kSteps = steps_of_bits();

/// A bijection on numbers of `bits` bits; with the inverse factors in reverse order, its inverse.
std::uint64_t scramble(std::uint64_t x, unsigned bits, std::uint64_t first, std::uint64_t second) {
  const std::uint64_t all = bits >= 64 ? ~std::uint64_t{0} : range_of_bits(bits);
  const unsigned shift = bits / 2 + 1;
  x ^= x >> shift;
  x = (x * first) & all;
  x ^= x >> shift;
  x = (x * second) & all;
  return x ^ (x >> shift);
}

/// `mix` and `unmix` for fewer than 64 bits.
std::uint64_t mix_bits(std::uint64_t x, unsigned bits) {
  return scramble(x, bits, kFirst, kSecond);
}

std::uint64_t unmix_bits(std::uint64_t x, unsigned bits) {
  return scramble(x, bits, kSecondInverse, kFirstInverse);
}

std::uint64_t lane_mask(unsigned bits) {
  return bits >= 64 ? kLaneLimit - 1 : range_of_bits(bits - 8);
}

/// Lanes are stored in little-endian order on every machine.
std::uint64_t little_endian(std::uint64_t value) {
  if constexpr (std::endian::native == std::endian::little) return value;
  return __builtin_bswap64(value);
}

}  // namespace

// The low byte of the mixed input is the generation, which is never 0 and not changed by the key:
// so the input is never 0, and neither is the stamp.
Stamper::Stamper(std::uint64_t seed, std::shared_ptr<const ValueForm> form)
    : seed_(seed), key_(mix(seed ^ kGenerationStep) % kLaneLimit), form_(std::move(form)) {}

std::uint64_t Stamper::lane(LaneIdentity identity) const {
  return mix(((identity.lane ^ key_) << 8) | identity.generation);
}

LaneIdentity Stamper::decode(std::uint64_t content) const {
  const std::uint64_t input = unmix(content);
  return {.lane = (input >> 8) ^ key_, .generation = static_cast<unsigned>(input & 0xff)};
}

std::uint64_t Stamper::short_lane(LaneIdentity identity, std::uint64_t size_bytes) const {
  const std::uint64_t range = short_range(size_bytes);
  const std::uint64_t start = mix((identity.lane ^ key_) << 8) % range;
  // Numbers below 2^56 times at most kLastGeneration, plus one of them, fit in 64 bits.
  const std::uint64_t step = kGenerationStep % range * identity.generation;
  return 1 + (start + step) % range;
}

std::uint64_t Stamper::value_lane(LaneIdentity identity, unsigned bits) const {
  const std::uint64_t lane = (identity.lane ^ key_) & lane_mask(bits);
  return mix_bits((lane << 8) | identity.generation, bits);
}

LaneIdentity Stamper::decode_value_lane(std::uint64_t content, unsigned bits) const {
  const std::uint64_t input = unmix_bits(content, bits);
  return {.lane = (input >> 8) ^ (key_ & lane_mask(bits)),
          .generation = static_cast<unsigned>(input & 0xff)};
}

/// A lane of one bit is always 1; a stamped record has other lanes.
std::uint64_t Stamper::short_value_lane(LaneIdentity identity, unsigned bits) const {
  if (bits < 2) return bits;
  const std::uint64_t range = range_of_bits(bits);
  const std::uint64_t start = mix((identity.lane ^ key_) << 8) % range;
  std::uint64_t place = start;
  for (unsigned done = 0; done < identity.generation; ++done)
    place = (place + kSteps[bits]) % range;
  return 1 + place;
}

std::uint64_t Stamper::content_of(const ValueForm::Lane& lane, std::uint64_t element,
                                  unsigned generation) const {
  const LaneIdentity identity{element * form_->lanes() + lane.number, generation};
  return lane.invertible ? value_lane(identity, lane.bits) : short_value_lane(identity, lane.bits);
}

std::vector<std::byte> Stamper::values_of(std::span<const std::byte> record) const {
  return form_ ? form_->without_gaps(record) : std::vector<std::byte>(record.begin(), record.end());
}

void Stamper::fill_values(std::span<std::byte> record, std::uint64_t element,
                          unsigned generation) const {
  std::ranges::fill(record, std::byte{0});
  form_->for_each_lane([&](const ValueForm::Lane& lane) {
    const std::uint64_t content = content_of(lane, element, generation);
    for (const ValueForm::Placed& placed : lane.atoms)
      put_atom(
          *placed.atom, placed.shift >= 64 ? 0 : content >> placed.shift,
          record.subspan(static_cast<std::size_t>(placed.offset_bytes), placed.atom->size_bytes));
    return true;
  });
}

bool Stamper::values_match(std::span<const std::byte> record, std::uint64_t element,
                           unsigned generation) const {
  bool all = true;
  form_->for_each_lane([&](const ValueForm::Lane& lane) {
    const std::uint64_t content = content_of(lane, element, generation);
    for (const ValueForm::Placed& placed : lane.atoms) {
      std::array<std::byte, 16> space;
      const auto wanted = std::span(space).first(placed.atom->size_bytes);
      put_atom(*placed.atom, placed.shift >= 64 ? 0 : content >> placed.shift, wanted);
      all = all && same_atom(*placed.atom, wanted,
                             record.subspan(static_cast<std::size_t>(placed.offset_bytes),
                                            placed.atom->size_bytes));
    }
    return all;
  });
  return all;
}

void Stamper::fill(std::span<std::byte> record, std::uint64_t element, unsigned generation) const {
  if (form_) return fill_values(record, element, generation);
  std::uint64_t number = element * lanes_per_record(record.size());
  const std::size_t short_bytes = record.size() % kLaneBytes;
  std::byte* place = record.data();
  for (std::byte* end = place + (record.size() - short_bytes); place != end; place += kLaneBytes) {
    const std::uint64_t content = little_endian(lane({number++, generation}));
    std::memcpy(place, &content, kLaneBytes);
  }
  if (short_bytes == 0) return;
  const std::uint64_t content = little_endian(short_lane({number, generation}, short_bytes));
  std::memcpy(place, &content, short_bytes);
}

bool Stamper::lanes_match(std::span<const std::byte> lanes, std::uint64_t first_lane,
                          unsigned generation) const {
  std::uint64_t difference = 0;
  for (std::size_t i = 0; i < lanes.size() / kLaneBytes; ++i) {
    std::uint64_t content = 0;
    std::memcpy(&content, lanes.data() + i * kLaneBytes, kLaneBytes);
    difference |= content ^ little_endian(lane({first_lane + i, generation}));
  }
  return difference == 0;
}

bool Stamper::matches(std::span<const std::byte> record, std::uint64_t element,
                      unsigned generation) const {
  if (form_) return values_match(record, element, generation);
  const std::uint64_t first_lane = element * lanes_per_record(record.size());
  const std::size_t short_bytes = record.size() % kLaneBytes;
  const std::size_t whole_bytes = record.size() - short_bytes;
  if (!lanes_match(record.first(whole_bytes), first_lane, generation)) return false;
  if (short_bytes == 0) return true;
  const std::uint64_t number = first_lane + whole_bytes / kLaneBytes;
  const std::uint64_t content = little_endian(short_lane({number, generation}, short_bytes));
  return std::memcmp(record.data() + whole_bytes, &content, short_bytes) == 0;
}

// Lanes are numbered over the whole array: without short lanes, contiguous records form one row of
// lanes.
bool Stamper::match_all(std::span<const std::byte> records, std::size_t record_bytes,
                        std::uint64_t first_element, unsigned generation) const {
  if (!form_ && record_bytes % kLaneBytes == 0)
    return lanes_match(records, first_element * lanes_per_record(record_bytes), generation);
  bool all = true;
  for (std::size_t i = 0; i < records.size() / record_bytes; ++i)
    all &= matches(records.subspan(i * record_bytes, record_bytes), first_element + i, generation);
  return all;
}

double chance_of_mistake(std::uint64_t stamp_bits) {
  return std::pow(2.0, -static_cast<double>(std::min<std::uint64_t>(stamp_bits, 800)));
}

std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t stream) {
  return mix(mix(seed + kGenerationStep) ^ (stream * kGenerationStep + 1));
}

}  // namespace npyrace
