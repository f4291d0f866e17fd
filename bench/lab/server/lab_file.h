#pragma once
// One file of the store, and what every node holds of it. Knows the model, but nothing of FUSE:
// the caller tells the kernels what was published.

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

/// How a write reached the server.
struct WriteKind {
  bool from_page_cache = false;  ///< the kernel wrote a dirty page back: it is always whole
  bool reader_too = false;       ///< the handle was opened O_RDWR
  bool data_sync = false;        ///< O_DSYNC or O_SYNC
  bool direct = false;           ///< O_DIRECT
  bool locked = false;           ///< the node holds a lock that is not a write lock of all the file
};

class LabFile {
 public:
  struct Setup {
    const LabModel* model = nullptr;
    unsigned nodes = 0;
    HistoryNeeds history;
  };

  explicit LabFile(const Setup& setup);

  /// A handle of the node opens or closes the file. `opened` returns whether pages that the node's
  /// kernel caches may stay; `source` is kept (duplicated) for publishing when it can be written.
  bool opened(unsigned node, bool writable, int source);
  void closed(unsigned node, bool writable);

  /// Bytes read, or -errno. `source` is readable.
  ssize_t read(unsigned node, int source, std::uint64_t offset_bytes, std::span<std::byte> buffer,
               bool direct);

  /// Gives the memory of a write's bytes away instead of having them copied; or nothing.
  using KeepBytes = std::function<std::shared_ptr<const void>()>;

  /// 0 or -errno. `target` is writable. All bytes are taken.
  int write(unsigned node, int target, std::uint64_t offset_bytes, std::span<const std::byte> bytes,
            WriteKind kind, const KeepBytes& keep = {});

  struct Publication {
    std::vector<ByteRange> ranges;  ///< now in the store, unless error
    int error = 0;                  ///< an errno value, or 0
  };
  Publication publish(unsigned node);

  /// Forgets what the node has not published, or undoes what it wrote since its last publication
  /// where the model publishes at once. Returns the bytes that are gone.
  std::vector<ByteRange> lose_unpublished(unsigned node);

  /// The node drops pages it knows, so that it sees the store again.
  void refresh(unsigned node);

  void truncated(unsigned node, std::uint64_t size_bytes);

  /// The file's size as the node sees it.
  std::uint64_t size_bytes(unsigned node, std::uint64_t store_size_bytes);

  bool open_on(unsigned node);
  bool writing_on(unsigned node);
  bool dirty(unsigned node);

  /// Whether writes go straight to the store, so that the caller may splice.
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
  Descriptor target_;  ///< writable, for publications after the writer's handle is closed
  std::uint64_t version_ = 0;
  History history_;
};

}  // namespace npyrace::lab
