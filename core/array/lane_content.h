#pragma once
// The content of lanes: how a lane number and a generation become bits, and back. Private to
// stamp.cpp.
//
// Version 2: the input, (lane + key) << 8 | generation, is multiplied by an odd constant; the
// product is spread by two xorshifts. Each step is a bijection on numbers of any width, and maps
// only zero to zero; the input is never zero, because its low byte is the generation. From lane to
// lane the product grows by a constant, so contents of many lanes need additions, shifts and xors,
// which every compiler turns into vector instructions.
//
// Version 1: the input, (lane ^ key) << 8 | generation, goes through MurmurHash3's finalizer. Two
// multiplications of 64 bits per lane made it slower than memory.
//
// A narrow lane cannot hold every lane number: its start among 1 … 2^bits - 1 is a hash of its
// number, and generations step through this range without repeating.

#include <array>
#include <cstdint>
#include <numeric>

#include "core/array/value_form.h"

namespace npyrace::lane_content {

/// The inverse of an odd number modulo 2^64 by Newton's iteration; each step doubles the correct
/// bits.
constexpr std::uint64_t inverse(std::uint64_t odd) {
  std::uint64_t x = odd;
  for (int step = 0; step < 6; ++step) x *= 2 - odd * x;
  return x;
}

/// A bijection on numbers of `bits` bits: multipliers of MurmurHash3's finalizer, odd, so that they
/// have inverses. With 64 bits it is that finalizer: every output bit depends on every input bit.
constexpr std::uint64_t kFirst = 0xff51afd7ed558ccd;
constexpr std::uint64_t kSecond = 0xc4ceb9fe1a85ec53;

constexpr std::uint64_t scramble(std::uint64_t x, unsigned bits, std::uint64_t first,
                                 std::uint64_t second) {
  const unsigned shift = bits / 2 + 1;
  x ^= x >> shift;
  x = (x * first) & low_bits(bits);
  x ^= x >> shift;
  x = (x * second) & low_bits(bits);
  return x ^ (x >> shift);
}
constexpr std::uint64_t mix(std::uint64_t x, unsigned bits = 64) {
  return scramble(x, bits, kFirst, kSecond);
}
constexpr std::uint64_t unmix(std::uint64_t x, unsigned bits = 64) {
  return scramble(x, bits, inverse(kSecond), inverse(kFirst));
}

/// The multiplier of version 2: 2^64 divided by the golden ratio, made odd.
constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15;
constexpr std::uint64_t kFactorInverse = inverse(kFactor);
static_assert(kFactor * kFactorInverse == 1);

/// Each bit of a product depends on lower bits of the input only: lets upper bits reach lower ones,
/// and lower bits upper ones.
struct Spreading {
  std::uint64_t mask;
  unsigned right, left;

  constexpr explicit Spreading(unsigned bits)
      : mask(low_bits(bits)), right((bits + 1) / 2), left(bits / 3) {}
  constexpr std::uint64_t of(std::uint64_t product) const {
    std::uint64_t x = product & mask;
    x ^= x >> right;
    return (x ^ (x << left)) & mask;
  }
  constexpr std::uint64_t inverse_of(std::uint64_t x) const {
    for (unsigned shift = left; shift < 64; shift *= 2) x ^= x << shift;
    x &= mask;
    return x ^ (x >> right);
  }
};
constexpr Spreading kWholeSpreading{64};

/// The step between generations of narrow lanes, coprime to the size of their range, so that none
/// repeats.
constexpr std::uint64_t kGenerationStep = 0x9e3779b97f4a7c19;
constexpr std::array<std::uint64_t, 64> steps_of_bits() {
  std::array<std::uint64_t, 64> steps{};
  for (unsigned bits = 2; bits < steps.size(); ++bits) {
    steps[bits] = kGenerationStep % low_bits(bits);
    while (std::gcd(steps[bits], low_bits(bits)) != 1) ++steps[bits];
  }
  return steps;
}
constexpr std::array<std::uint64_t, 64> kSteps = steps_of_bits();

/// Distance of a generation from the start of a narrow lane of 1 to 63 bits.
constexpr std::uint64_t generation_offset(unsigned generation, unsigned bits) {
  std::uint64_t offset = 0;
  for (unsigned done = 0; done < generation; ++done) {
    const std::uint64_t left = low_bits(bits) - offset;
    offset = kSteps[bits] >= left ? kSteps[bits] - left : offset + kSteps[bits];
  }
  return offset;
}

// Contents of lanes whose numbers grow by a constant. `of(x)` is the content of a lane; x is
// `first` for the first lane, and grows by `step` from lane to lane, modulo 2^64. That lets a
// compiler make vector instructions of a loop.

struct Lanes {
  std::uint64_t first = 0;  ///< number in the array
  std::uint64_t step = 1;   ///< from one number to the next
};

struct Progression {
  std::uint64_t first = 0;
  std::uint64_t step = 0;
};

/// The start of a narrow lane, 0 to 2^bits - 1, and the offset of its generation become one of
/// 1 … 2^bits - 1.
constexpr std::uint64_t narrow_content(std::uint64_t start, std::uint64_t offset, unsigned bits) {
  const std::uint64_t range = low_bits(bits);
  const std::uint64_t place = start + offset;  // below 2^64: both have at most 63 bits
  return 1 + place - (place >= range ? range : 0);
}

constexpr Progression products(const Lanes& lanes, std::uint64_t key, unsigned generation) {
  return {((lanes.first + key) << 8 | generation) * kFactor, (lanes.step << 8) * kFactor};
}

/// Invertible lanes of version 2.
struct Products : Progression {
  Products(const Lanes& lanes, std::uint64_t key, unsigned generation, unsigned bits)
      : Progression(products(lanes, key, generation)), spreading(bits) {}
  std::uint64_t of(std::uint64_t product) const { return spreading.of(product); }
  Spreading spreading;
};

/// The same of kBits bits, with constants for the compiler.
template <unsigned kBits>
struct FixedProducts : Progression {
  FixedProducts(const Lanes& lanes, std::uint64_t key, unsigned generation)
      : Progression(products(lanes, key, generation)) {}
  std::uint64_t of(std::uint64_t product) const { return Spreading(kBits).of(product); }
};

/// Narrow lanes of version 2: the upper bits of a hash.
struct NarrowProducts : Progression {
  NarrowProducts(const Lanes& lanes, std::uint64_t key, unsigned generation, unsigned width)
      : Progression(products(lanes, key, 0)),
        offset(generation_offset(generation, width)),
        bits(width) {}
  std::uint64_t of(std::uint64_t product) const {
    return narrow_content((kWholeSpreading.of(product) * kSecond) >> (64 - bits), offset, bits);
  }
  std::uint64_t offset;
  unsigned bits;
};

/// Invertible lanes of version 1.
struct Mixed : Progression {
  Mixed(const Lanes& lanes, std::uint64_t lane_key, unsigned lane_generation, unsigned width)
      : Progression{lanes.first, lanes.step},
        key(lane_key),
        generation(lane_generation),
        bits(width) {}
  std::uint64_t of(std::uint64_t lane) const {
    return mix((((lane ^ key) << 8) & low_bits(bits)) | generation, bits);
  }
  std::uint64_t key;
  unsigned generation, bits;
};

/// Narrow lanes of version 1.
struct NarrowMixed : Progression {
  NarrowMixed(const Lanes& lanes, std::uint64_t lane_key, unsigned generation, unsigned width)
      : Progression{lanes.first, lanes.step},
        key(lane_key),
        offset(generation_offset(generation, width)),
        bits(width) {}
  std::uint64_t of(std::uint64_t lane) const {
    return narrow_content(mix((lane ^ key) << 8) % low_bits(bits), offset, bits);
  }
  std::uint64_t key, offset;
  unsigned bits;
};

/// Lanes of a single bit or none, which have one possible content.
struct Constant : Progression {
  explicit Constant(std::uint64_t only) : content(only) {}
  std::uint64_t of(std::uint64_t) const { return content; }
  std::uint64_t content;
};

}  // namespace npyrace::lane_content
