#pragma once
// Parts of a file with their content, kept without copying.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "core/file/byte_ranges.h"

namespace npyrace {

/// All of a file, however long.
inline constexpr ByteRange kWholeFile{0, std::numeric_limits<std::uint64_t>::max()};

// Large writes of whole pages are kept in the buffer in which they arrived, as one entry each.
// Blocks do not overlap and are never modified in place.

/// Bytes of a file in memory owned by `keeper`.
struct HeldBytes {
  std::uint64_t offset_bytes = 0;
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> keeper;

  ByteRange range() const { return {offset_bytes, offset_bytes + bytes.size()}; }
  /// The intersection with `wanted`; may be empty.
  HeldBytes part(ByteRange wanted) const;
};

class HeldBlocks {
 public:
  struct Block {
    HeldBytes held;
    bool dirty = false;
  };

  /// Adds dirty bytes, replacing what the range held before.
  void add(HeldBytes held);

  /// Removes the range and returns its content; blocks that extend beyond it keep their remainder.
  std::vector<Block> cut(ByteRange range);
  /// As cut, but keeps dirty blocks.
  void cut_clean(ByteRange range);

  /// Returns all dirty blocks; they remain as clean ones if `keep`, else they are removed.
  std::vector<HeldBytes> take_dirty(bool keep);

  /// Returns the held parts of the range.
  std::vector<Block> in(ByteRange range) const;
  bool holds(std::uint64_t offset_bytes) const;

  /// Offset after the last dirty byte; 0 when there is none.
  std::uint64_t dirty_end_bytes() const;
  std::uint64_t held_bytes() const { return held_bytes_; }

 private:
  using Blocks = std::map<std::uint64_t, Block>;
  Blocks::const_iterator first_in(ByteRange range) const;
  void insert(Block block);
  void erase(const Block& block);

  Blocks blocks_;  ///< by offset of the first byte
  std::uint64_t held_bytes_ = 0;
};

}  // namespace npyrace
