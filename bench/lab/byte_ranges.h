#pragma once
// A set of bytes of a file, kept as sorted ranges that neither touch nor overlap.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <vector>

namespace npyrace {

/// Bytes `begin` up to, not including, `end`.
struct ByteRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  std::uint64_t size_bytes() const { return end - begin; }
  bool operator==(const ByteRange&) const = default;
};

/// All of a file, however long.
inline constexpr ByteRange kWholeFile{0, std::numeric_limits<std::uint64_t>::max()};

class ByteRanges {
 public:
  /// Needs begin <= end; an empty range changes nothing.
  void add(ByteRange range);
  void subtract(ByteRange range);
  void clear() { ranges_.clear(); }

  bool empty() const { return ranges_.empty(); }
  /// One past the last byte; 0 when empty.
  std::uint64_t end() const { return ranges_.empty() ? 0 : ranges_.back().end; }
  const std::vector<ByteRange>& ranges() const { return ranges_; }

 private:
  std::vector<ByteRange> ranges_;
};

// Whole pages that came as one large write, kept where they arrived: no copy, and one entry for all
// of them. Blocks do not overlap; their memory never changes.

/// Bytes of a file that somebody keeps alive.
struct HeldBytes {
  std::uint64_t offset_bytes = 0;
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> keeper;

  ByteRange range() const { return {offset_bytes, offset_bytes + bytes.size()}; }
  /// What lies in both; the part may be empty.
  HeldBytes part(ByteRange wanted) const;
};

class HeldBlocks {
 public:
  struct Block {
    HeldBytes held;
    bool dirty = false;
  };

  /// Takes the place of whatever was held there. It is unpublished.
  void add(HeldBytes held);

  /// Removes the range and returns what it held; blocks that reach beyond keep their rest.
  std::vector<Block> cut(ByteRange range);
  /// The same, but dirty blocks stay.
  void cut_clean(ByteRange range);

  /// All dirty blocks; they stay as clean ones, or go.
  std::vector<HeldBytes> take_dirty(bool keep);

  /// The parts of the range that are held.
  std::vector<Block> in(ByteRange range) const;
  bool holds(std::uint64_t offset_bytes) const;

  /// One past the last unpublished byte; 0 when there is none.
  std::uint64_t dirty_end_bytes() const;
  std::uint64_t held_bytes() const { return held_bytes_; }

 private:
  using Blocks = std::map<std::uint64_t, Block>;
  Blocks::const_iterator first_in(ByteRange range) const;
  void insert(Block block);
  void erase(const Block& block);

  Blocks blocks_;  ///< by the offset of their first byte
  std::uint64_t held_bytes_ = 0;
};

}  // namespace npyrace
