#pragma once
// Sets of byte ranges of a file.

#include <compare>
#include <cstdint>
#include <vector>

namespace npyrace {

/// The half-open interval [begin, end).
struct ByteRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  std::uint64_t size_bytes() const { return end - begin; }
  auto operator<=>(const ByteRange&) const = default;
};

class ByteRanges {
 public:
  /// Requires begin <= end; an empty range has no effect.
  void add(ByteRange range);
  void subtract(ByteRange range);
  /// All of them in one pass.
  void subtract(const ByteRanges& others);
  void clear() { ranges_.clear(); }

  bool empty() const { return ranges_.empty(); }
  /// Offset after the last byte; 0 when empty.
  std::uint64_t end() const { return ranges_.empty() ? 0 : ranges_.back().end; }
  const std::vector<ByteRange>& ranges() const { return ranges_; }

 private:
  std::vector<ByteRange> ranges_;
};

}  // namespace npyrace
