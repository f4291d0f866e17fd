#include "bench/lab/node_pages.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace npyrace {
namespace {

/// Minimum size of a block, in whole pages.
constexpr std::uint64_t kBlockPages = 16;

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
  const ByteRange whole = whole_pages_in(range);
  if (whole.size_bytes() < kBlockPages * page_bytes_) return write_pages(range, write);
  write_pages({range.begin, whole.begin}, write);
  write_block(whole, write);
  write_pages({whole.end, range.end}, write);
}

/// From the first page that begins in the range to the last that ends in it.
ByteRange NodePages::whole_pages_in(ByteRange range) const {
  const std::uint64_t begin = (range.begin + page_bytes_ - 1) / page_bytes_ * page_bytes_;
  return {begin, std::max(begin, range.end / page_bytes_ * page_bytes_)};
}

/// From the start of the first touched page to the end of the last.
ByteRange NodePages::touched_pages(ByteRange range) const {
  const std::uint64_t rest = range.end % page_bytes_;
  const std::uint64_t missing = rest == 0 ? 0 : page_bytes_ - rest;
  const bool endless = range.end > std::numeric_limits<std::uint64_t>::max() - missing;
  return {range.begin / page_bytes_ * page_bytes_, endless ? range.end : range.end + missing};
}

void NodePages::write_pages(ByteRange range, const Write& write) {
  loosen(range);
  for_pages(range, page_bytes_,
            [&](std::uint64_t page, ByteRange part) { write_page(page, part, write); });
}

/// Whole pages need not have been known before.
void NodePages::write_block(ByteRange range, const Write& write) {
  pages_.erase(pages_.lower_bound(range.begin), pages_.lower_bound(range.end));
  const auto bytes = write.bytes.subspan(range.begin - write.offset_bytes, range.size_bytes());
  if (write.keeper != nullptr) return blocks_.add({range.begin, bytes, write.keeper});
  const auto copy = std::make_shared<std::vector<std::byte>>(bytes.begin(), bytes.end());
  blocks_.add({range.begin, *copy, copy});
}

/// Splits blocks into single pages where the range touches them, so that these can be modified.
void NodePages::loosen(ByteRange range) {
  if (range.begin >= range.end || blocks_.held_bytes() == 0) return;
  for (const HeldBlocks::Block& block : blocks_.cut(touched_pages(range)))
    for_pages(block.held.range(), page_bytes_, [&](std::uint64_t offset, ByteRange part) {
      Page& page = page_at(offset);
      std::memcpy(page.bytes.data(), block.held.part(part).bytes.data(), page_bytes_);
      page.known = keeps_known_;
      if (block.dirty) page.dirty.add(part);
    });
}

void NodePages::write_page(std::uint64_t page_offset_bytes, ByteRange range, const Write& write) {
  Page& page = page_at(page_offset_bytes);
  std::memcpy(page.bytes.data() + (range.begin - page_offset_bytes),
              write.bytes.data() + (range.begin - write.offset_bytes), range.size_bytes());
  // A page beyond the end of the file contains only the node's bytes.
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
    const bool in_page =
        found != pages_.end() && (found->second.known || !found->second.dirty.empty());
    const bool held = in_page || blocks_.holds(offset);
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
    loosen(part);
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
  for (const auto& [held, dirty] : blocks_.in(range))
    std::memcpy(bytes.data() + (held.offset_bytes - offset_bytes), held.bytes.data(),
                held.bytes.size());
  for (auto it = pages_.lower_bound(offset_bytes / page_bytes_ * page_bytes_);
       it != pages_.end() && it->first < range.end; ++it) {
    const auto& [page, held] = *it;
    if (held.known) put(page, held, {page, page + page_bytes_});
    for (const ByteRange& dirty : held.dirty.ranges()) put(page, held, dirty);
  }
}

std::vector<HeldBytes> NodePages::take_dirty() {
  std::vector<HeldBytes> taken = take_dirty_pages();
  const std::vector<HeldBytes> blocks = blocks_.take_dirty(keeps_known_);
  taken.insert(taken.end(), blocks.begin(), blocks.end());
  std::sort(taken.begin(), taken.end(),
            [](const HeldBytes& a, const HeldBytes& b) { return a.offset_bytes < b.offset_bytes; });
  return taken;
}

/// Adjacent extents are joined.
std::vector<HeldBytes> NodePages::take_dirty_pages() {
  std::vector<std::shared_ptr<Extent>> extents;
  for (auto it = pages_.begin(); it != pages_.end();) {
    auto& [offset, page] = *it;
    for (const ByteRange& dirty : page.dirty.ranges()) {
      if (extents.empty() || extents.back()->range().end != dirty.begin)
        extents.push_back(std::make_shared<Extent>(Extent{dirty.begin, {}}));
      const auto first = page.bytes.begin() + static_cast<std::ptrdiff_t>(dirty.begin - offset);
      auto& bytes = extents.back()->bytes;
      bytes.insert(bytes.end(), first, first + static_cast<std::ptrdiff_t>(dirty.size_bytes()));
    }
    page.dirty.clear();
    it = page.known && keeps_known_ ? std::next(it) : pages_.erase(it);
  }
  std::vector<HeldBytes> taken;
  for (const auto& extent : extents) taken.push_back({extent->offset_bytes, extent->bytes, extent});
  return taken;
}

void NodePages::forget_clean(ByteRange range) {
  blocks_.cut_clean(touched_pages(range));
  const auto last = pages_.lower_bound(range.end);
  for (auto it = pages_.lower_bound(range.begin / page_bytes_ * page_bytes_); it != last;)
    it = it->second.dirty.empty() ? pages_.erase(it) : std::next(it);
}

void NodePages::truncate(std::uint64_t size_bytes) {
  constexpr std::uint64_t kEnd = std::numeric_limits<std::uint64_t>::max();
  if (size_bytes % page_bytes_ != 0) loosen({size_bytes, size_bytes + 1});
  blocks_.cut({size_bytes, kEnd});
  pages_.erase(pages_.lower_bound(size_bytes), pages_.end());
  if (pages_.empty()) return;
  auto& [offset, page] = *pages_.rbegin();
  if (offset + page_bytes_ <= size_bytes) return;
  page.dirty.subtract({size_bytes, kEnd});
  std::fill(page.bytes.begin() + static_cast<std::ptrdiff_t>(size_bytes - offset), page.bytes.end(),
            std::byte{0});
}

std::uint64_t NodePages::dirty_end_bytes() const {
  const std::uint64_t blocks_end = blocks_.dirty_end_bytes();
  for (auto it = pages_.rbegin(); it != pages_.rend() && it->first >= blocks_end; ++it)
    if (!it->second.dirty.empty()) return it->second.dirty.end();
  return blocks_end;
}

bool NodePages::dirty_pages_known(ByteRange range) const {
  if (!keeps_known_)
    for (const auto& [held, dirty] : blocks_.in(range))
      if (dirty) return false;
  const auto last = pages_.lower_bound(range.end);
  for (auto it = pages_.lower_bound(range.begin / page_bytes_ * page_bytes_); it != last; ++it)
    if (!it->second.dirty.empty() && !it->second.known) return false;
  return true;
}

}  // namespace npyrace
