#pragma once
// One node's cache of one file: unpublished (dirty) bytes and, depending on the model, known pages.
// In memory only; the caller reads and writes the store.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "bench/lab/held_blocks.h"

namespace npyrace {

/// Bytes and their offset in the file.
struct Extent {
  std::uint64_t offset_bytes = 0;
  std::vector<std::byte> bytes;

  ByteRange range() const { return {offset_bytes, offset_bytes + bytes.size()}; }
};

class NodePages {
 public:
  /// `keeps_known`: pages that were read or completely written stay cached after publication.
  NodePages(std::uint64_t page_bytes, bool keeps_known)
      : page_bytes_(page_bytes), keeps_known_(keeps_known) {}

  struct Write {
    std::uint64_t offset_bytes = 0;
    std::span<const std::byte> bytes;
    bool extends = false;               ///< a known page becomes dirty as a whole
    std::uint64_t file_size_bytes = 0;  ///< the size that the node sees before this write
    /// Keeps `bytes` alive and unchanged while referenced; without it they are copied.
    std::shared_ptr<const void> keeper = {};
  };
  void write(const Write& write);

  /// Offsets of the pages that a node with read access must read before it writes `range`: those
  /// that it changes partially, that are neither known nor dirty, and that lie inside the file.
  std::vector<std::uint64_t> pages_to_learn(ByteRange range, std::uint64_t file_size_bytes) const;

  /// Adds bytes that the node has read from the store: completely covered pages, or those up to the
  /// end of the file, become known. Unpublished bytes take precedence over them.
  void learn(std::uint64_t offset_bytes, std::span<const std::byte> bytes,
             std::uint64_t file_size_bytes);

  /// Overlays bytes from the store with the node's known pages and unpublished bytes.
  void show(std::uint64_t offset_bytes, std::span<std::byte> bytes) const;

  /// Returns the unpublished bytes in order of offset, in as few pieces as possible without copying
  /// large ones, and marks them as published.
  std::vector<HeldBytes> take_dirty();

  /// Removes pages of the range that have no unpublished bytes.
  void forget_clean(ByteRange range);

  void truncate(std::uint64_t size_bytes);

  /// Offset after the last unpublished byte; 0 when there is none.
  std::uint64_t dirty_end_bytes() const;
  bool dirty() const { return dirty_end_bytes() != 0; }
  /// Memory used, for the caller's limit.
  std::uint64_t held_bytes() const { return pages_.size() * page_bytes_ + blocks_.held_bytes(); }
  /// True if every page of the range with unpublished bytes is completely known.
  bool dirty_pages_known(ByteRange range) const;

 private:
  struct Page {
    std::vector<std::byte> bytes;
    ByteRanges dirty;  ///< file offsets
    bool known = false;
  };
  Page& page_at(std::uint64_t page_offset_bytes);
  void write_page(std::uint64_t page_offset_bytes, ByteRange range, const Write& write);
  void write_pages(ByteRange range, const Write& write);
  void write_block(ByteRange range, const Write& write);
  std::vector<HeldBytes> take_dirty_pages();
  ByteRange whole_pages_in(ByteRange range) const;
  ByteRange touched_pages(ByteRange range) const;
  void loosen(ByteRange range);

  std::uint64_t page_bytes_;
  bool keeps_known_;
  std::map<std::uint64_t, Page> pages_;  ///< by offset of the first byte
  HeldBlocks blocks_;                    ///< whole pages that are not in `pages_`
};

}  // namespace npyrace
