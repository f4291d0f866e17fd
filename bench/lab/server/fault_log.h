#pragma once
// The log of faults that took effect (JSON lines), and the effect of faults on the bytes of a
// write.

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

#include "bench/lab/fault.h"
#include "bench/lab/node_pages.h"
#include "core/file/byte_ranges.h"
#include "core/os/descriptor.h"

namespace npyrace::lab {

class FaultLog {
 public:
  /// Creates or truncates the file; with an empty path faults are only counted. Throws SystemError.
  explicit FaultLog(const std::string& path);

  struct Entry {
    const FaultSpec* fault = nullptr;
    unsigned node = 0;  ///< counted from 0
    std::string file;   ///< relative to the store
    ByteRange range;    ///< file bytes with wrong content
  };
  void add(const Entry& entry);
  /// As add, with details of this kind of fault.
  void add(const Entry& entry, const nlohmann::json& details);

  std::uint64_t count() const { return count_; }

 private:
  Descriptor file_;
  std::mutex mutex_;
  std::atomic<std::uint64_t> count_ = 0;
};

// Effect of faults on a write, as pure functions.

struct Damage {
  const FaultSpec* fault = nullptr;
  ByteRange range;                             ///< file bytes with wrong content
  std::optional<std::uint64_t> moved_to = {};  ///< misplace: actual place
};

struct DamagedWrite {
  std::optional<Extent> write;  ///< the write to perform; nothing: none
  std::vector<Damage> damages;  ///< in the order of the faults
};

/// Returns `count` distinct bit indices below `size_bits`.
using ChooseBits =
    std::function<std::vector<std::uint64_t>(std::uint64_t size_bits, unsigned count)>;

/// Ignores faults that do not concern writes; faults without effect are not counted.
DamagedWrite damage_write(Extent write, std::span<const FaultSpec* const> faults,
                          std::uint64_t page_bytes, const ChooseBits& choose_bits);

/// Flips the given bits; returns the changed bytes.
std::vector<ByteRange> flip_bits(std::span<std::byte> bytes, std::uint64_t offset_bytes,
                                 const std::vector<std::uint64_t>& bits);

}  // namespace npyrace::lab
