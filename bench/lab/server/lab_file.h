#pragma once
// One file of the store with every node's cache of it. Implements the consistency model without
// FUSE: the caller notifies the kernels of publications.

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "bench/lab/node_pages.h"
#include "bench/lab/plan.h"
#include "bench/lab/server/history.h"
#include "core/os/descriptor.h"

namespace npyrace::lab {

/// Properties of a write request.
struct WriteKind {
  bool from_page_cache = false;  ///< written back from the kernel's page cache; always whole pages
  bool reader_too = false;       ///< the handle was opened O_RDWR
  bool data_sync = false;        ///< O_DSYNC or O_SYNC
  bool direct = false;           ///< O_DIRECT
  bool locked = false;  ///< the node holds a lock other than a write lock of the whole file
};

class LabFile {
 public:
  struct Setup {
    const LabModel* model = nullptr;
    unsigned nodes = 0;
    HistoryNeeds history;
  };

  explicit LabFile(const Setup& setup);

  /// A node opens or closes a handle of the file. `opened` returns true if pages cached by the
  /// node's kernel remain valid; a writable `source` is duplicated for later publications.
  bool opened(unsigned node, bool writable, int source);
  void closed(unsigned node, bool writable);

  /// Returns the number of bytes read, or -errno. `source` must be readable.
  ssize_t read(unsigned node, int source, std::uint64_t offset_bytes, std::span<std::byte> buffer,
               bool direct);

  /// Takes ownership of a write's buffer instead of copying it; returns nullptr if that is
  /// impossible.
  using KeepBytes = std::function<std::shared_ptr<const void>()>;

  /// Writes all bytes. Returns 0 or -errno. `target` must be writable.
  int write(unsigned node, int target, std::uint64_t offset_bytes, std::span<const std::byte> bytes,
            WriteKind kind, const KeepBytes& keep = {});

  struct Publication {
    std::vector<ByteRange> ranges;  ///< published bytes, unless there is an error
    int error = 0;                  ///< errno, or 0
  };
  Publication publish(unsigned node);

  /// Discards the node's unpublished bytes or, if the model publishes at once, undoes its writes
  /// since the last publication. Returns the lost bytes.
  std::vector<ByteRange> lose_unpublished(unsigned node);

  /// Drops the node's known pages, so that it reads the store again.
  void refresh(unsigned node);

  void truncated(unsigned node, std::uint64_t size_bytes);

  /// The file size as seen by the node.
  std::uint64_t size_bytes(unsigned node, std::uint64_t store_size_bytes);

  bool open_on(unsigned node);
  bool writing_on(unsigned node);
  bool dirty(unsigned node);

  /// True if writes go directly to the store, so that the caller may splice.
  bool passes_through() const { return passes_through_; }
  History& history() { return history_; }

 private:
  struct Node {
    explicit Node(bool keeps_known);
    NodePages pages;
    std::uint64_t seen_version = 0;  ///< of the store's content
    unsigned handles = 0;
    unsigned writers = 0;
  };
  int put(unsigned node, int target, std::uint64_t offset_bytes, std::span<const std::byte> bytes);
  int write_direct(unsigned node, int target, std::uint64_t offset_bytes,
                   std::span<const std::byte> bytes);
  int learn_pages(unsigned node, ByteRange range);
  Publication publish_locked(unsigned node);
  void store_changed_by(unsigned node);
  std::uint64_t size_locked(unsigned node, int source);
  void limit_memory(unsigned node);

  const LabModel& model_;
  const bool passes_through_;
  std::mutex mutex_;
  std::vector<Node> nodes_;
  Descriptor target_;  ///< writable; used to publish after the writer's handle is closed
  std::uint64_t version_ = 0;
  History history_;
};

}  // namespace npyrace::lab
