#pragma once
// Reads and writes of the server on the store: whole, or with an errno.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <vector>

#include "bench/lab/node_pages.h"

namespace npyrace::lab {

/// Bytes read (fewer only at the end of the file), or -errno.
ssize_t read_whole(int source, std::span<std::byte> buffer, std::uint64_t offset_bytes);

/// 0, or -errno.
int write_whole(int target, std::span<const std::byte> bytes, std::uint64_t offset_bytes);

// What bytes of a file were before they were overwritten: for the faults that bring old pages back
// or lose what a false fsync acknowledged. Keeps nothing unless a fault needs it.

struct HistoryNeeds {
  bool old_pages = false;  ///< a fault returns old pages
  bool undo = false;  ///< a fault acknowledges fsync without storing, and the model writes through
};

class History {
 public:
  History(HistoryNeeds needs, unsigned nodes) : needs_(needs), undo_(nodes) {}

  /// To be called before bytes of the store are overwritten; `source` is readable.
  void before_write(unsigned node, int source, ByteRange range);

  /// Replaces whole pages of `bytes` by what they were before their last write. Returns the pages
  /// that were replaced.
  std::vector<ByteRange> show_old(std::uint64_t offset_bytes, std::span<std::byte> bytes);

  /// Puts back what the node overwrote since the last call of `forget` or `undo`.
  std::vector<ByteRange> undo(unsigned node, int target);
  void forget(unsigned node);

  bool needed() const { return needs_.old_pages || needs_.undo; }

 private:
  HistoryNeeds needs_;
  std::mutex mutex_;
  std::map<std::uint64_t, std::vector<std::byte>> old_pages_;  ///< by offset
  std::vector<std::vector<Extent>> undo_;                      ///< by node, oldest first
};

}  // namespace npyrace::lab
