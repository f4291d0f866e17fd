#include "core/file/byte_ranges.h"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace npyrace {

void ByteRanges::add(ByteRange range) {
  assert(range.begin <= range.end);
  if (range.begin == range.end) return;
  // Merges all ranges that touch the new one.
  const auto first =
      std::lower_bound(ranges_.begin(), ranges_.end(), range.begin,
                       [](const ByteRange& r, std::uint64_t b) { return r.end < b; });
  const auto last =
      std::upper_bound(first, ranges_.end(), range.end,
                       [](std::uint64_t e, const ByteRange& r) { return e < r.begin; });
  if (first != last) {
    range.begin = std::min(range.begin, first->begin);
    range.end = std::max(range.end, std::prev(last)->end);
  }
  ranges_.insert(ranges_.erase(first, last), range);
}

void ByteRanges::subtract(ByteRange range) {
  if (range.begin >= range.end) return;
  std::vector<ByteRange> kept;
  for (const ByteRange& old : ranges_) {
    const ByteRange before{old.begin, std::min(old.end, range.begin)};
    const ByteRange after{std::max(old.begin, range.end), old.end};
    if (before.begin < before.end) kept.push_back(before);
    if (after.begin < after.end) kept.push_back(after);
  }
  ranges_ = std::move(kept);
}

}  // namespace npyrace
