#include "core/permutation.h"

#include <algorithm>
#include <bit>

#include "core/stamp.h"

namespace npyrace {
namespace {

constexpr unsigned kRounds = 4;

}  // namespace

Permutation::Permutation(std::uint64_t size, std::uint64_t seed)
    : size_(size),
      seed_(seed),
      half_bits_(std::max(1u, (static_cast<unsigned>(std::bit_width(size - 1)) + 1) / 2)) {}

std::uint64_t Permutation::forward(std::uint64_t index) const {
  do index = encrypt(index);
  while (index >= size_);
  return index;
}

std::uint64_t Permutation::backward(std::uint64_t index) const {
  do index = decrypt(index);
  while (index >= size_);
  return index;
}

std::uint64_t Permutation::encrypt(std::uint64_t value) const {
  const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
  std::uint64_t left = value >> half_bits_;
  std::uint64_t right = value & mask;
  for (unsigned round = 0; round < kRounds; ++round) {
    const std::uint64_t next = left ^ (derive_seed(seed_ + round, right) & mask);
    left = right;
    right = next;
  }
  return (left << half_bits_) | right;
}

std::uint64_t Permutation::decrypt(std::uint64_t value) const {
  const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
  std::uint64_t left = value >> half_bits_;
  std::uint64_t right = value & mask;
  for (unsigned round = kRounds; round-- > 0;) {
    const std::uint64_t previous = right ^ (derive_seed(seed_ + round, left) & mask);
    right = left;
    left = previous;
  }
  return (left << half_bits_) | right;
}

}  // namespace npyrace
