#include "bench/lab/held_blocks.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace npyrace {

HeldBytes HeldBytes::part(ByteRange wanted) const {
  const ByteRange all = range();
  const std::uint64_t begin = std::clamp(wanted.begin, all.begin, all.end);
  const std::uint64_t end = std::clamp(wanted.end, begin, all.end);
  return {begin, bytes.subspan(begin - all.begin, end - begin), keeper};
}

void HeldBlocks::insert(Block block) {
  if (block.held.bytes.empty()) return;
  held_bytes_ += block.held.bytes.size();
  blocks_.insert_or_assign(block.held.offset_bytes, std::move(block));
}

void HeldBlocks::erase(const Block& block) {
  held_bytes_ -= block.held.bytes.size();
  blocks_.erase(block.held.offset_bytes);
}

HeldBlocks::Blocks::const_iterator HeldBlocks::first_in(ByteRange range) const {
  auto first = blocks_.upper_bound(range.begin);
  if (first != blocks_.begin() && std::prev(first)->second.held.range().end > range.begin) --first;
  return first;
}

void HeldBlocks::add(HeldBytes held) {
  cut(held.range());
  insert({std::move(held), true});
}

std::vector<HeldBlocks::Block> HeldBlocks::in(ByteRange range) const {
  std::vector<Block> found;
  for (auto it = first_in(range); it != blocks_.end() && it->first < range.end; ++it)
    found.push_back({it->second.held.part(range), it->second.dirty});
  return found;
}

bool HeldBlocks::holds(std::uint64_t offset_bytes) const {
  const auto first = first_in({offset_bytes, offset_bytes + 1});
  return first != blocks_.end() && first->first <= offset_bytes;
}

std::vector<HeldBlocks::Block> HeldBlocks::cut(ByteRange range) {
  std::vector<Block> removed = in(range);
  for (const Block& piece : removed) {
    const Block whole = std::prev(blocks_.upper_bound(piece.held.offset_bytes))->second;
    erase(whole);
    insert({whole.held.part({0, range.begin}), whole.dirty});
    insert({whole.held.part({range.end, whole.held.range().end}), whole.dirty});
  }
  return removed;
}

void HeldBlocks::cut_clean(ByteRange range) {
  for (const Block& block : in(range))
    if (!block.dirty) cut(block.held.range());
}

std::vector<HeldBytes> HeldBlocks::take_dirty(bool keep) {
  std::vector<HeldBytes> taken;
  for (auto& [offset, block] : blocks_)
    if (block.dirty) taken.push_back(block.held);
  if (keep)
    for (auto& [offset, block] : blocks_) block.dirty = false;
  else
    for (const HeldBytes& held : taken) cut(held.range());
  return taken;
}

std::uint64_t HeldBlocks::dirty_end_bytes() const {
  for (auto it = blocks_.rbegin(); it != blocks_.rend(); ++it)
    if (it->second.dirty) return it->second.held.range().end;
  return 0;
}

}  // namespace npyrace
