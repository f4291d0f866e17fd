#pragma once
// A set of bytes of a file, kept as sorted ranges that neither touch nor overlap.

#include <cstdint>
#include <vector>

namespace npyrace {

/// Bytes `begin` up to, not including, `end`.
struct ByteRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  std::uint64_t size_bytes() const { return end - begin; }
  bool operator==(const ByteRange&) const = default;
};

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

}  // namespace npyrace
