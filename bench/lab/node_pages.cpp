#include "bench/lab/node_pages.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace npyrace {
namespace {

ByteRange common(ByteRange a, ByteRange b) {
  const std::uint64_t begin = std::max(a.begin, b.begin);
  return {begin, std::max(begin, std::min(a.end, b.end))};
}

/// Calls `visit(page offset, part of the range in that page)` for every page of the range.
template <typename Visit>
void for_pages(ByteRange range, std::uint64_t page_bytes, Visit visit) {
  for (std::uint64_t at = range.begin; at < range.end;) {
    const std::uint64_t page = at / page_bytes * page_bytes;
    const ByteRange part = common({page, page + page_bytes}, range);
    visit(page, part);
    at = part.end;
  }
}

}  // namespace

NodePages::Page& NodePages::page_at(std::uint64_t page_offset_bytes) {
  Page& page = pages_[page_offset_bytes];
  page.bytes.resize(page_bytes_);
  return page;
}

void NodePages::write(const Write& write) {
  const ByteRange range{write.offset_bytes, write.offset_bytes + write.bytes.size()};
  for_pages(range, page_bytes_,
            [&](std::uint64_t page, ByteRange part) { write_page(page, part, write); });
}

void NodePages::write_page(std::uint64_t page_offset_bytes, ByteRange range, const Write& write) {
  Page& page = page_at(page_offset_bytes);
  std::memcpy(page.bytes.data() + (range.begin - page_offset_bytes),
              write.bytes.data() + (range.begin - write.offset_bytes), range.size_bytes());
  // A page past the end of the file holds nothing but what the node puts there.
  const bool past_end = page_offset_bytes >= write.file_size_bytes;
  const bool covered =
      range.begin == page_offset_bytes &&
      range.end >= std::min(page_offset_bytes + page_bytes_, write.file_size_bytes);
  if (keeps_known_ && (past_end || covered)) page.known = true;
  if (page.known && write.extends) {
    const std::uint64_t file_end = std::max(write.file_size_bytes, range.end);
    page.dirty.add({page_offset_bytes, std::min(page_offset_bytes + page_bytes_, file_end)});
  } else {
    page.dirty.add(range);
  }
}

std::vector<std::uint64_t> NodePages::pages_to_learn(ByteRange range,
                                                     std::uint64_t file_size_bytes) const {
  std::vector<std::uint64_t> wanted;
  for_pages(range, page_bytes_, [&](std::uint64_t offset, ByteRange part) {
    const auto found = pages_.find(offset);
    const bool held =
        found != pages_.end() && (found->second.known || !found->second.dirty.empty());
    const bool whole = part.size_bytes() == page_bytes_;
    if (!held && !whole && offset < file_size_bytes) wanted.push_back(offset);
  });
  return wanted;
}

void NodePages::learn(std::uint64_t offset_bytes, std::span<const std::byte> bytes,
                      std::uint64_t file_size_bytes) {
  const ByteRange range{offset_bytes, offset_bytes + bytes.size()};
  for_pages(range, page_bytes_, [&](std::uint64_t offset, ByteRange part) {
    const std::uint64_t needed_end = std::min(offset + page_bytes_, file_size_bytes);
    if (part.begin != offset || part.end < needed_end) return;
    Page& page = page_at(offset);
    const std::vector<std::byte> own = page.bytes;
    std::memcpy(page.bytes.data(), bytes.data() + (offset - offset_bytes), part.size_bytes());
    for (const ByteRange& dirty : page.dirty.ranges())
      std::memcpy(page.bytes.data() + (dirty.begin - offset), own.data() + (dirty.begin - offset),
                  dirty.size_bytes());
    page.known = true;
  });
}

void NodePages::show(std::uint64_t offset_bytes, std::span<std::byte> bytes) const {
  const ByteRange range{offset_bytes, offset_bytes + bytes.size()};
  const auto put = [&](std::uint64_t page, const Page& held, ByteRange wanted) {
    const ByteRange part = common(wanted, range);
    if (part.begin < part.end)
      std::memcpy(bytes.data() + (part.begin - offset_bytes),
                  held.bytes.data() + (part.begin - page), part.size_bytes());
  };
  for (auto it = pages_.lower_bound(offset_bytes / page_bytes_ * page_bytes_);
       it != pages_.end() && it->first < range.end; ++it) {
    const auto& [page, held] = *it;
    if (held.known) put(page, held, {page, page + page_bytes_});
    for (const ByteRange& dirty : held.dirty.ranges()) put(page, held, dirty);
  }
}

std::vector<Extent> NodePages::take_dirty() {
  std::vector<Extent> extents;
  for (auto it = pages_.begin(); it != pages_.end();) {
    auto& [offset, page] = *it;
    for (const ByteRange& dirty : page.dirty.ranges()) {
      if (extents.empty() || extents.back().range().end != dirty.begin)
        extents.push_back({dirty.begin, {}});
      const auto first = page.bytes.begin() + static_cast<std::ptrdiff_t>(dirty.begin - offset);
      extents.back().bytes.insert(extents.back().bytes.end(), first,
                                  first + static_cast<std::ptrdiff_t>(dirty.size_bytes()));
    }
    page.dirty.clear();
    it = page.known && keeps_known_ ? std::next(it) : pages_.erase(it);
  }
  return extents;
}

void NodePages::forget_clean(ByteRange range) {
  const auto last = pages_.lower_bound(range.end);
  for (auto it = pages_.lower_bound(range.begin / page_bytes_ * page_bytes_); it != last;)
    it = it->second.dirty.empty() ? pages_.erase(it) : std::next(it);
}

void NodePages::truncate(std::uint64_t size_bytes) {
  pages_.erase(pages_.lower_bound(size_bytes), pages_.end());
  if (pages_.empty()) return;
  auto& [offset, page] = *pages_.rbegin();
  if (offset + page_bytes_ <= size_bytes) return;
  page.dirty.subtract({size_bytes, std::numeric_limits<std::uint64_t>::max()});
  std::fill(page.bytes.begin() + static_cast<std::ptrdiff_t>(size_bytes - offset), page.bytes.end(),
            std::byte{0});
}

std::uint64_t NodePages::dirty_end_bytes() const {
  for (auto it = pages_.rbegin(); it != pages_.rend(); ++it)
    if (!it->second.dirty.empty()) return it->second.dirty.end();
  return 0;
}

bool NodePages::dirty_pages_known(ByteRange range) const {
  const auto last = pages_.lower_bound(range.end);
  for (auto it = pages_.lower_bound(range.begin / page_bytes_ * page_bytes_); it != last; ++it)
    if (!it->second.dirty.empty() && !it->second.known) return false;
  return true;
}

}  // namespace npyrace
