#pragma once
// Every fault that really struck, one JSON object a line, appended as it happens.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/lab/byte_ranges.h"
#include "bench/lab/fault.h"
#include "bench/lab/node_pages.h"
#include "core/os/descriptor.h"

namespace npyrace::lab {

class FaultLog {
 public:
  /// Creates or empties the file; an empty path only counts. Throws SystemError.
  explicit FaultLog(const std::string& path);

  struct Entry {
    const FaultSpec* fault = nullptr;
    unsigned node = 0;  ///< counts from 0
    std::string file;   ///< relative to the store
    ByteRange range;    ///< the bytes of the file that are not what they should be
  };
  void add(const Entry& entry);
  /// With what only this kind of fault has to say.
  void add(const Entry& entry, const nlohmann::json& details);

  std::uint64_t count() const { return count_; }

 private:
  Descriptor file_;
  std::mutex mutex_;
  std::atomic<std::uint64_t> count_ = 0;
};

// What becomes of a write that faults strike: pure, so that it can be tested.

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
