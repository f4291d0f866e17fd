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
  ByteRanges one;
  if (range.begin < range.end) one.add(range);
  subtract(one);
}

void ByteRanges::subtract(const ByteRanges& others) {
  std::vector<ByteRange> kept;
  auto other = others.ranges_.begin();
  for (ByteRange rest : ranges_) {
    while (other != others.ranges_.end() && other->end <= rest.begin) ++other;
    // The last one that reaches into this range may reach into the next one, too.
    for (auto cut = other; cut != others.ranges_.end() && cut->begin < rest.end; ++cut) {
      if (rest.begin < cut->begin) kept.push_back({rest.begin, cut->begin});
      rest.begin = std::min(cut->end, rest.end);
    }
    if (rest.begin < rest.end) kept.push_back(rest);
  }
  ranges_ = std::move(kept);
}

}  // namespace npyrace
