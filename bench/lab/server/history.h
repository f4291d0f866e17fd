#pragma once
// Complete reads and writes on the store, and the earlier content of overwritten bytes, which some
// faults bring back.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <vector>

#include "bench/lab/node_pages.h"

namespace npyrace::lab {

/// Returns the number of bytes read (short only at end of file), or -errno.
ssize_t read_whole(int source, std::span<std::byte> buffer, std::uint64_t offset_bytes);

/// Returns 0 or -errno.
int write_whole(int target, std::span<const std::byte> bytes, std::uint64_t offset_bytes);

// Previous content of bytes, for faults that return old pages or lose what a false fsync
// acknowledged. Stores nothing unless such a fault is configured.

struct HistoryNeeds {
  bool old_pages = false;  ///< a fault returns old pages
  /// A fault acknowledges fsync without storing, in a model that writes through.
  bool undo = false;
};

class History {
 public:
  History(HistoryNeeds needs, unsigned nodes) : needs_(needs), undo_(nodes) {}

  /// Call before bytes of the store are overwritten; `source` must be readable.
  void before_write(unsigned node, int source, ByteRange range);

  /// Replaces whole pages of `bytes` by their content before the last write. Returns the replaced
  /// pages.
  std::vector<ByteRange> show_old(std::uint64_t offset_bytes, std::span<std::byte> bytes);

  /// Restores what the node overwrote since the last call of `forget` or `undo`. Returns the
  /// restored ranges.
  std::vector<ByteRange> undo(unsigned node, int target);
  void forget(unsigned node);

  bool needed() const { return needs_.old_pages || needs_.undo; }

 private:
  HistoryNeeds needs_;
  std::mutex mutex_;
  std::map<std::uint64_t, std::vector<std::byte>> old_pages_;  ///< by offset
  std::vector<std::vector<Extent>> undo_;                      ///< per node, oldest first
};

}  // namespace npyrace::lab
