#pragma once
// What becomes of a write that faults strike: pure, so that it can be tested.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "bench/lab/byte_ranges.h"
#include "bench/lab/fault.h"
#include "bench/lab/node_pages.h"

namespace npyrace::lab {

struct Damage {
  const FaultSpec* fault = nullptr;
  ByteRange range;  ///< bytes of the file that are not what they should be
  std::optional<std::uint64_t> moved_to = {};  ///< misplace: where they went
};

struct DamagedWrite {
  std::optional<Extent> write;  ///< what really happens; nothing: no write at all
  std::vector<Damage> damages;  ///< in the order they struck
};

/// Chooses `count` bits out of `size_bits`.
using ChooseBits =
    std::function<std::vector<std::uint64_t>(std::uint64_t size_bits, unsigned count)>;

/// Faults that are not about writes are ignored, and those that find nothing to harm do not count.
DamagedWrite damage_write(Extent write, std::span<const FaultSpec* const> faults,
                          std::uint64_t page_bytes, const ChooseBits& choose_bits);

/// Flips bits; returns the bytes that changed.
std::vector<ByteRange> flip_bits(std::span<std::byte> bytes, std::uint64_t offset_bytes,
                                 const std::vector<std::uint64_t>& bits);

}  // namespace npyrace::lab
