#pragma once
// A random-looking order of 0 … size-1 that needs no memory and can be asked both ways.

#include <cstdint>

namespace npyrace {

/// A keyed bijection on 0 … size-1 (a Feistel network, walked until it is inside the range).
class Permutation {
 public:
  /// Needs size > 0.
  Permutation(std::uint64_t size, std::uint64_t seed);

  std::uint64_t forward(std::uint64_t index) const;
  std::uint64_t backward(std::uint64_t index) const;

 private:
  std::uint64_t encrypt(std::uint64_t value) const;
  std::uint64_t decrypt(std::uint64_t value) const;

  std::uint64_t size_;
  std::uint64_t seed_;
  unsigned half_bits_;  // the network permutes 2 * half_bits_ bits
};

}  // namespace npyrace
