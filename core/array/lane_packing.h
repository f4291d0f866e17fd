#pragma once
// How the contents of lanes become bytes in memory, for many lanes at a time. Private to stamp.cpp.
//
// A lane is a few words of up to 8 bytes, and these are runs of equal atoms. For each word the
// contents of 256 lanes are made and packed by vector instructions; a second loop stores or
// compares them.

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <type_traits>
#include <utility>

#include "core/array/lane_content.h"
#include "core/array/value_form.h"

namespace npyrace::lane_packing {

inline constexpr std::uint64_t kWordBytes = 8;

/// Equal atoms of a lane, back to back.
struct Run {
  const Atom* atom = nullptr;
  std::uint64_t count = 1;
  std::uint64_t offset_bytes = 0;  ///< in the word
  unsigned shift = 0;              ///< position of its bits in the content of the lane

  std::uint64_t size_bytes() const { return count * atom->size_bytes; }
};

/// Runs of a lane, back to back, of up to 8 bytes together; a larger atom is alone.
struct Word {
  std::array<Run, kWordBytes> runs;
  std::size_t count = 0;
  std::uint64_t offset_bytes = 0;  ///< in the lane
  std::uint64_t size_bytes = 0;

  bool has_room_for(const ValueForm::Placed& placed) const {
    return count == 0 || (placed.offset_bytes == offset_bytes + size_bytes &&
                          size_bytes + placed.atom->size_bytes <= kWordBytes);
  }
  void add(const ValueForm::Placed& placed) {
    if (count == 0) offset_bytes = placed.offset_bytes;
    if (count > 0 && *runs[count - 1].atom == *placed.atom)
      ++runs[count - 1].count;
    else
      runs[count++] = {placed.atom, 1, size_bytes, placed.shift};
    size_bytes += placed.atom->size_bytes;
  }
};

/// Calls `visit(word)` for the words of a lane in order.
template <typename Visit>
void for_each_word(const ValueForm::Lane& lane, Visit visit) {
  Word word;
  for (const ValueForm::Placed& placed : lane.atoms) {
    if (!word.has_room_for(placed)) {
      visit(word);
      word.count = word.size_bytes = 0;
    }
    word.add(placed);
  }
  if (word.count > 0) visit(word);
}

/// The lowest kBits bits of each group of kGroup bits.
template <unsigned kGroup>
constexpr std::uint64_t in_each(std::uint64_t bits) {
  std::uint64_t all = 0;
  for (unsigned at = 0; at < 64; at += kGroup) all |= bits << at;
  return all;
}

// Packings: 8 bytes of equal atoms as one number, from the lowest byte. A run may be shorter, and
// the content may have further bits above: what they give is ignored. kBits: bits of content in 8
// bytes, for which there is a faster loop.

/// Bytes whose bits are the content itself.
struct Plain {
  static constexpr unsigned kBits = 64;
  std::uint64_t operator()(std::uint64_t content) const { return content; }
};

/// One number of 8 bytes: some bits of the content and constant ones.
template <bool kBigEndian>
struct Number {
  static constexpr unsigned kBits = 62;
  std::uint64_t mask = 0;
  std::uint64_t constant = 0;
  std::uint64_t operator()(std::uint64_t content) const {
    const std::uint64_t number = (content & mask) | constant;
    return kBigEndian ? __builtin_bswap64(number) : number;
  }
};

template <unsigned kWidth>
constexpr std::uint64_t swapped_in_each(std::uint64_t numbers) {
  if constexpr (kWidth == 8) return numbers;
  constexpr std::uint64_t kLow = in_each<kWidth>(low_bits(kWidth / 2));
  const std::uint64_t halves =
      ((numbers & kLow) << (kWidth / 2)) | ((numbers >> (kWidth / 2)) & kLow);
  return swapped_in_each<std::max(8u, kWidth / 2)>(halves);
}

/// Floating-point numbers of kWidth bits, as floating_from makes each of them.
template <unsigned kWidth, bool kBigEndian>
struct Floats {
  static constexpr unsigned kBits = (kWidth - 2) * (64 / kWidth);
  std::uint64_t operator()(std::uint64_t content) const {
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < 64 / kWidth; ++i)
      bits |= ((content >> (i * (kWidth - 2))) & low_bits(kWidth - 2)) << (i * kWidth);
    const std::uint64_t numbers =
        (bits & in_each<kWidth>(low_bits(kWidth - 3))) |
        ((bits << 2) & in_each<kWidth>(std::uint64_t{1} << (kWidth - 1))) |
        in_each<kWidth>(std::uint64_t{1} << (kWidth - 3));
    return kBigEndian ? swapped_in_each<kWidth>(numbers) : numbers;
  }
};

/// Letters, digits, + and -: kAlphabet of value_form.cpp as a calculation, 6 bits a byte.
struct Letters {
  static constexpr unsigned kBits = 48;
  std::uint64_t operator()(std::uint64_t content) const {
    std::uint64_t x = (content & low_bits(24)) | ((content << 8) & (low_bits(24) << 32));
    x = (x & in_each<32>(low_bits(12))) | ((x << 4) & in_each<32>(low_bits(12) << 16));
    x = (x & in_each<16>(low_bits(6))) | ((x << 2) & in_each<16>(low_bits(6) << 8));
    return x + in_each<8>('0') + 7 * reaches(x, 10) + 6 * reaches(x, 36) - 80 * reaches(x, 62) +
           reaches(x, 63);
  }

 private:
  /// 1 in each byte of at least `least`, else 0.
  static std::uint64_t reaches(std::uint64_t x, unsigned least) {
    return ((x + in_each<8>(0x80 - least)) >> 7) & in_each<8>(1);
  }
};

/// Characters of four bytes, 14 bits each.
template <bool kBigEndian>
struct Characters {
  static constexpr unsigned kBits = 28;
  std::uint64_t operator()(std::uint64_t content) const {
    const std::uint64_t both =
        ((content & low_bits(14)) | ((content << 18) & (low_bits(14) << 32))) +
        in_each<32>(kFirstCharacter);
    return kBigEndian ? swapped_in_each<32>(both) : both;
  }
};

/// Bytes that are 0 or 1.
struct Booleans {
  static constexpr unsigned kBits = 8;
  std::uint64_t operator()(std::uint64_t content) const {
    const std::uint64_t own_bits = ((content & 0xff) * in_each<8>(1)) & 0x8040201008040201;
    return ((own_bits + in_each<8>(0x7f)) >> 7) & in_each<8>(1);
  }
};

/// True for atoms that have a packing; the others are larger than a word.
inline bool is_packed(const Atom& atom) {
  return atom.kind != Atom::Kind::long_double;
}

/// Calls `work(packing)` for an atom that has one.
template <typename Work>
void with_packing(const Atom& atom, Work work) {
  const auto in_order = [&]<template <bool> typename Packing>(auto... parameters) {
    if (atom.big_endian)
      work(Packing<true>{parameters...});
    else
      work(Packing<false>{parameters...});
  };
  switch (atom.kind) {
    case Atom::Kind::raw:
      return work(Plain());
    case Atom::Kind::boolean:
      return work(Booleans());
    case Atom::Kind::ascii:
      return work(Letters());
    case Atom::Kind::character:
      return in_order.template operator()<Characters>();
    case Atom::Kind::count:
      return in_order.template operator()<Number>(low_bits(atom.bits), std::uint64_t{0});
    case Atom::Kind::not_a_time:
      return in_order.template operator()<Number>(std::uint64_t{0}, kNotATime);
    case Atom::Kind::floating: {
      const auto floats = [&]<unsigned kWidth>() {
        if (atom.big_endian)
          work(Floats<kWidth, true>());
        else
          work(Floats<kWidth, false>());
      };
      if (atom.size_bytes == 8)
        floats.template operator()<64>();
      else if (atom.size_bytes == 4)
        floats.template operator()<32>();
      else
        floats.template operator()<16>();
      return;
    }
    case Atom::Kind::long_double:
      return;
  }
}

inline std::uint64_t little_endian(std::uint64_t value) {
  if constexpr (std::endian::native == std::endian::little) return value;
  return __builtin_bswap64(value);
}

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

/// Calls `work` with the size of a word, 1 to 8 bytes, as a constant.
template <typename Work>
void with_size(std::uint64_t size_bytes, Work work) {
  [&]<std::size_t... kLess>(std::index_sequence<kLess...>) {
    ((size_bytes == kLess + 1 && (work(std::integral_constant<std::size_t, kLess + 1>()), true)) ||
     ...);
  }
  (std::make_index_sequence<kWordBytes>());
}

template <typename Contents, typename Work>
[[gnu::always_inline]] inline std::uint64_t loop_over_lanes(Contents contents, std::uint64_t count,
                                                            Work work) {
  std::uint64_t x = contents.first;
  std::uint64_t all = 0;
  for (std::uint64_t i = 0; i < count; ++i, x += contents.step) all |= work(contents.of(x), i);
  return all;
}

#ifdef __x86_64__
/// The same loop for processors with more instructions.
template <typename Contents, typename Work>
[[gnu::target("avx2")]] std::uint64_t loop_with_avx2(Contents contents, std::uint64_t count,
                                                     Work work) {
  return loop_over_lanes(contents, count, work);
}
template <typename Contents, typename Work>
[[gnu::target("avx512f,avx512dq,avx512vl,prefer-vector-width=512")]] std::uint64_t loop_with_avx512(
    Contents contents, std::uint64_t count, Work work) {
  return loop_over_lanes(contents, count, work);
}
inline const bool kHasAvx2 = __builtin_cpu_supports("avx2") != 0;
inline const bool kHasAvx512 =
    __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0;
#endif

/// Calls `work(content, i)` for lane i of `count`. Returns the bits that are set in any of its
/// results. All arguments are copies: the compiler cannot know that bytes written through a pointer
/// are not theirs.
template <typename Contents, typename Work>
std::uint64_t for_lanes(Contents contents, std::uint64_t count, Work work) {
#ifdef __x86_64__
  if (kHasAvx512) return loop_with_avx512(contents, count, work);
  if (kHasAvx2) return loop_with_avx2(contents, count, work);
#endif
  return loop_over_lanes(contents, count, work);
}

// Targets: bytes that are written, or compared. `word` is one of many words that are back to back;
// `words` are `count` words of kBytes bytes; `atom` is one atom of any kind. All return 0 if
// nothing differs.

struct Storing {
  std::byte* bytes;

  Storing at(std::uint64_t offset_bytes) const { return {bytes + offset_bytes}; }
  std::uint64_t word(std::uint64_t value, std::uint64_t i) const {
    value = little_endian(value);
    std::memcpy(bytes + kWordBytes * i, &value, kWordBytes);
    return 0;
  }
  template <std::size_t kBytes>
  std::uint64_t words(const std::uint64_t* values, std::uint64_t count,
                      std::uint64_t step_bytes) const {
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t value = little_endian(values[i]);
      std::memcpy(bytes + i * step_bytes, &value, kBytes);
    }
    return 0;
  }
  std::uint64_t atom(const Atom& one, std::uint64_t bits) const {
    put_atom(one, bits, {bytes, one.size_bytes});
    return 0;
  }
};

struct Comparing {
  const std::byte* bytes;

  Comparing at(std::uint64_t offset_bytes) const { return {bytes + offset_bytes}; }
  std::uint64_t word(std::uint64_t value, std::uint64_t i) const {
    return value ^ load<kWordBytes>(bytes + kWordBytes * i);
  }
  template <std::size_t kBytes>
  std::uint64_t words(const std::uint64_t* values, std::uint64_t count,
                      std::uint64_t step_bytes) const {
    std::uint64_t all = 0;
    for (std::uint64_t i = 0; i < count; ++i)
      all |= (values[i] & low_bits(8 * kBytes)) ^ load<kBytes>(bytes + i * step_bytes);
    return all;
  }
  std::uint64_t atom(const Atom& one, std::uint64_t bits) const {
    std::array<std::byte, 16> space;
    const auto wanted = std::span(space).first(one.size_bytes);
    put_atom(one, bits, wanted);
    return same_atom(one, wanted, {bytes, wanted.size()}) ? 0 : 1;
  }
};

/// Applies `target` to one word of each of `count` lanes, `step_bytes` apart.
template <typename Contents, typename Target>
std::uint64_t apply_word(Contents contents, std::uint64_t count, std::uint64_t step_bytes,
                         const Word& word, Target target) {
  constexpr std::uint64_t kAtATime = 256;
  std::array<std::uint64_t, kAtATime> packed;
  std::uint64_t* const to = packed.data();
  std::uint64_t all = 0;
  for (std::uint64_t done = 0; done < count; done += kAtATime) {
    const std::uint64_t part = std::min(kAtATime, count - done);
    for (const Run& run : std::span(word.runs).first(word.count)) {
      // Atoms without bits may stand behind all 64.
      const unsigned shift = run.shift % 64;
      with_packing(*run.atom, [&](auto packing) {
        if (run.offset_bytes == 0) {
          for_lanes(contents, part, [=](std::uint64_t content, std::uint64_t i) {
            to[i] = packing(content >> shift);
            return 0;
          });
          return;
        }
        const std::uint64_t place = 8 * run.offset_bytes;
        const std::uint64_t mask = low_bits(static_cast<unsigned>(place));
        for_lanes(contents, part, [=](std::uint64_t content, std::uint64_t i) {
          to[i] = (to[i] & mask) | packing(content >> shift) << place;
          return 0;
        });
      });
    }
    contents.first += part * contents.step;
    with_size(word.size_bytes, [&](auto size) {
      all |= target.at(done * step_bytes).template words<size>(to, part, step_bytes);
    });
  }
  return all;
}

/// The same for an atom that has no packing.
template <typename Contents, typename Target>
std::uint64_t apply_atom(Contents contents, std::uint64_t count, std::uint64_t step_bytes,
                         const Run& run, Target target) {
  std::uint64_t all = 0;
  for (std::uint64_t i = 0; i < count; ++i, contents.first += contents.step)
    all |= target.at(i * step_bytes)
               .atom(*run.atom, run.shift < 64 ? contents.of(contents.first) >> run.shift : 0);
  return all;
}

}  // namespace npyrace::lane_packing
