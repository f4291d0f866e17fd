#pragma once
// What one node holds of one file: bytes it wrote and has not published, and, where the model asks
// for it, the pages it knows. Pure memory: reading and writing the store is the caller's work.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "bench/lab/byte_ranges.h"

namespace npyrace {

/// Bytes and their place in the file.
struct Extent {
  std::uint64_t offset_bytes = 0;
  std::vector<std::byte> bytes;

  ByteRange range() const { return {offset_bytes, offset_bytes + bytes.size()}; }
};

class NodePages {
 public:
  /// `keeps_known`: pages that were read or fully written stay known after their publication.
  NodePages(std::uint64_t page_bytes, bool keeps_known)
      : page_bytes_(page_bytes), keeps_known_(keeps_known) {}

  struct Write {
    std::uint64_t offset_bytes = 0;
    std::span<const std::byte> bytes;
    bool extends = false;               ///< a known page becomes dirty as a whole
    std::uint64_t file_size_bytes = 0;  ///< as the node sees it before this write
    /// Keeps `bytes` as they are for as long as anybody has it; without it they are copied.
    std::shared_ptr<const void> keeper = {};
  };
  void write(const Write& write);

  /// First bytes of the pages that a writer who may read must know before it writes `range`:
  /// those that it changes in part, neither known nor dirty, and inside the file.
  std::vector<std::uint64_t> pages_to_learn(ByteRange range, std::uint64_t file_size_bytes) const;

  /// The node has read these bytes from the store: pages that they cover, up to the end of the
  /// file, are known from now on. Unpublished bytes win over what was read.
  void learn(std::uint64_t offset_bytes, std::span<const std::byte> bytes,
             std::uint64_t file_size_bytes);

  /// Puts the node's own view (known pages, unpublished bytes) over what came from the store.
  void show(std::uint64_t offset_bytes, std::span<std::byte> bytes) const;

  /// Unpublished bytes in order of offset, as few pieces as go without copying large ones; they
  /// count as published afterwards.
  std::vector<HeldBytes> take_dirty();

  /// Pages of the range without unpublished bytes are not known any more.
  void forget_clean(ByteRange range);

  void truncate(std::uint64_t size_bytes);

  /// One past the last unpublished byte; 0 when there is none.
  std::uint64_t dirty_end_bytes() const;
  bool dirty() const { return dirty_end_bytes() != 0; }
  /// Memory in use, for the caller's limit.
  std::uint64_t held_bytes() const { return pages_.size() * page_bytes_ + blocks_.held_bytes(); }
  /// Whether every page of the range that has unpublished bytes is known as a whole.
  bool dirty_pages_known(ByteRange range) const;

 private:
  struct Page {
    std::vector<std::byte> bytes;
    ByteRanges dirty;  ///< in bytes of the file
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
  std::map<std::uint64_t, Page> pages_;  ///< by the offset of their first byte
  HeldBlocks blocks_;                    ///< whole pages, and none of those in `pages_`
};

}  // namespace npyrace
