#include "core/stamp.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>

namespace npyrace {
namespace {

// Two odd multipliers and their inverses modulo 2^64; constants of MurmurHash3's finalizer, a
// bijection in which every output bit depends on every input bit. It maps zero to zero.
constexpr std::uint64_t kFirst = 0xff51afd7ed558ccd;
constexpr std::uint64_t kSecond = 0xc4ceb9fe1a85ec53;

/// The inverse of an odd number modulo 2^64, by Newton's iteration (each step doubles the bits).
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

/// Short lanes count in 1 … 2^(8 t) - 1, so that none is zero; the step between generations has
/// no common divisor with that range, so that none repeats.
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

/// In the file a lane lies with its lowest byte first, on every machine.
std::uint64_t little_endian(std::uint64_t value) {
  if constexpr (std::endian::native == std::endian::little) return value;
  return __builtin_bswap64(value);
}

}  // namespace

// The low byte of a mixed input is the generation, which is never 0, and the key leaves it alone:
// so the input is never 0, and neither is the stamp.
Stamper::Stamper(std::uint64_t seed)
    : seed_(seed), key_(mix(seed ^ kGenerationStep) % kLaneLimit) {}

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
  // Numbers below 2^56 times at most kLastGeneration, plus one of them: that fits in 64 bits.
  const std::uint64_t step = kGenerationStep % range * identity.generation;
  return 1 + (start + step) % range;
}

void Stamper::fill(std::span<std::byte> record, std::uint64_t element, unsigned generation) const {
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
  const std::uint64_t first_lane = element * lanes_per_record(record.size());
  const std::size_t short_bytes = record.size() % kLaneBytes;
  const std::size_t whole_bytes = record.size() - short_bytes;
  if (!lanes_match(record.first(whole_bytes), first_lane, generation)) return false;
  if (short_bytes == 0) return true;
  const std::uint64_t number = first_lane + whole_bytes / kLaneBytes;
  const std::uint64_t content = little_endian(short_lane({number, generation}, short_bytes));
  return std::memcmp(record.data() + whole_bytes, &content, short_bytes) == 0;
}

// Lanes are numbered through the whole array: without short ones, records are one row of lanes.
bool Stamper::match_all(std::span<const std::byte> records, std::size_t record_bytes,
                        std::uint64_t first_element, unsigned generation) const {
  if (record_bytes % kLaneBytes == 0)
    return lanes_match(records, first_element * lanes_per_record(record_bytes), generation);
  bool all = true;
  for (std::size_t i = 0; i < records.size() / record_bytes; ++i)
    all &= matches(records.subspan(i * record_bytes, record_bytes), first_element + i, generation);
  return all;
}

double chance_of_mistake(std::uint64_t record_bytes) {
  return std::pow(2.0, -8.0 * static_cast<double>(std::min<std::uint64_t>(record_bytes, 100)));
}

std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t stream) {
  return mix(mix(seed + kGenerationStep) ^ (stream * kGenerationStep + 1));
}

}  // namespace npyrace
