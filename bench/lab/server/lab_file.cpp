#include "bench/lab/server/lab_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "bench/lab/server/history.h"
#include "core/file/posix_file.h"

namespace npyrace::lab {
namespace {

/// Above this size of unpublished data of one file a node publishes early, as real clients do under
/// memory pressure. All models permit that.
constexpr std::uint64_t kHeldLimitBytes = 512u << 20;

}  // namespace

LabFile::Node::Node(bool keeps_known) : pages(page_bytes(), keeps_known) {}

LabFile::LabFile(const Setup& setup)
    : model_(*setup.model),
      passes_through_(model_.publication == npyrace::Publication::at_write),
      history_(setup.history, setup.nodes) {
  nodes_.reserve(setup.nodes);
  for (unsigned node = 0; node < setup.nodes; ++node) nodes_.emplace_back(model_.extends_to_pages);
}

bool LabFile::opened(unsigned node, bool writable, int source) {
  const std::lock_guard lock(mutex_);
  Node& state = nodes_[node];
  if (writable && !target_) target_ = Descriptor(::fcntl(source, F_DUPFD_CLOEXEC, 0));
  const bool writing = state.writers > 0;
  ++state.handles;
  if (writable) ++state.writers;
  if (passes_through_) return false;
  if (state.seen_version == version_) return true;
  if (model_.refresh == Refresh::at_open_unless_writing && writing) return true;
  state.seen_version = version_;
  state.pages.forget_clean(kWholeFile);
  return false;
}

void LabFile::closed(unsigned node, bool writable) {
  const std::lock_guard lock(mutex_);
  --nodes_[node].handles;
  if (writable) --nodes_[node].writers;
}

std::uint64_t LabFile::size_locked(unsigned node, int source) {
  struct stat status {};
  const bool known = ::fstat(source, &status) == 0;
  const auto store_size = known ? static_cast<std::uint64_t>(status.st_size) : 0;
  return std::max(store_size, nodes_[node].pages.dirty_end_bytes());
}

ssize_t LabFile::read(unsigned node, int source, std::uint64_t offset_bytes,
                      std::span<std::byte> buffer, bool direct) {
  if (passes_through_) return read_whole(source, buffer, offset_bytes);
  const std::lock_guard lock(mutex_);
  NodePages& pages = nodes_[node].pages;
  // An NFS client writes back before a direct read, and before it reads a page of which only some
  // bytes are known.
  const bool publish_first =
      model_.extends_to_pages &&
      (direct || !pages.dirty_pages_known({offset_bytes, offset_bytes + buffer.size()}));
  if (publish_first) publish_locked(node);
  // The kernel requests only what it does not cache (any more), so clean copies are outdated.
  pages.forget_clean({offset_bytes, offset_bytes + buffer.size()});
  const ssize_t stored = read_whole(source, buffer, offset_bytes);
  if (stored < 0) return stored;
  const std::uint64_t size = size_locked(node, source);
  const auto visible = static_cast<std::size_t>(
      std::min<std::uint64_t>(buffer.size(), size > offset_bytes ? size - offset_bytes : 0));
  std::fill(buffer.begin() + stored, buffer.end(), std::byte{0});
  pages.show(offset_bytes, buffer.first(visible));
  if (model_.extends_to_pages && !direct) pages.learn(offset_bytes, buffer.first(visible), size);
  limit_memory(node);
  return static_cast<ssize_t>(visible);
}

int LabFile::write(unsigned node, int target, std::uint64_t offset_bytes,
                   std::span<const std::byte> bytes, WriteKind kind, const KeepBytes& keep) {
  if (passes_through_) return put(node, target, offset_bytes, bytes);
  const std::lock_guard lock(mutex_);
  if (kind.direct && model_.extends_to_pages)
    return write_direct(node, target, offset_bytes, bytes);
  const ByteRange range{offset_bytes, offset_bytes + bytes.size()};
  const bool learns = model_.extends_to_pages && kind.reader_too && !kind.from_page_cache;
  if (const int error = learns ? learn_pages(node, range) : 0; error != 0) return error;
  nodes_[node].pages.write({.offset_bytes = offset_bytes,
                            .bytes = bytes,
                            .extends = model_.extends_to_pages && !kind.data_sync && !kind.locked,
                            .file_size_bytes = size_locked(node, target),
                            .keeper = keep ? keep() : nullptr});
  limit_memory(node);
  return 0;
}

/// Direct write: publishes the node's unpublished bytes, writes to the store, and drops the node's
/// copies.
int LabFile::write_direct(unsigned node, int target, std::uint64_t offset_bytes,
                          std::span<const std::byte> bytes) {
  if (const Publication before = publish_locked(node); before.error != 0) return -before.error;
  const int error = put(node, target, offset_bytes, bytes);
  nodes_[node].pages.forget_clean({offset_bytes, offset_bytes + bytes.size()});
  store_changed_by(node);
  return error;
}

int LabFile::put(unsigned node, int target, std::uint64_t offset_bytes,
                 std::span<const std::byte> bytes) {
  history_.before_write(node, target, {offset_bytes, offset_bytes + bytes.size()});
  return write_whole(target, bytes, offset_bytes);
}

int LabFile::learn_pages(unsigned node, ByteRange range) {
  const std::uint64_t size = size_locked(node, target_.number());
  std::vector<std::byte> page(page_bytes());
  for (const std::uint64_t offset : nodes_[node].pages.pages_to_learn(range, size)) {
    std::fill(page.begin(), page.end(), std::byte{0});
    const ssize_t got = read_whole(target_.number(), page, offset);
    if (got < 0) return static_cast<int>(got);
    const std::uint64_t inside = std::min<std::uint64_t>(page.size(), size - offset);
    nodes_[node].pages.learn(offset, std::span(page).first(inside), size);
  }
  return 0;
}

LabFile::Publication LabFile::publish(unsigned node) {
  history_.forget(node);
  if (passes_through_) return {};
  const std::lock_guard lock(mutex_);
  return publish_locked(node);
}

LabFile::Publication LabFile::publish_locked(unsigned node) {
  Publication publication;
  for (const HeldBytes& held : nodes_[node].pages.take_dirty()) {
    const int error = put(node, target_.number(), held.offset_bytes, held.bytes);
    if (error != 0) publication.error = -error;
    publication.ranges.push_back(held.range());
  }
  if (!publication.ranges.empty()) store_changed_by(node);
  return publication;
}

/// A node whose cache was current remains current after its own change.
void LabFile::store_changed_by(unsigned node) {
  Node& state = nodes_[node];
  const bool was_current = state.seen_version == version_;
  ++version_;
  if (was_current) state.seen_version = version_;
}

std::vector<ByteRange> LabFile::lose_unpublished(unsigned node) {
  const std::lock_guard lock(mutex_);
  if (passes_through_) return history_.undo(node, target_.number());
  ByteRanges lost;
  for (const HeldBytes& held : nodes_[node].pages.take_dirty()) lost.add(held.range());
  nodes_[node].pages.forget_clean(kWholeFile);
  return lost.ranges();
}

void LabFile::refresh(unsigned node) {
  const std::lock_guard lock(mutex_);
  nodes_[node].pages.forget_clean(kWholeFile);
  nodes_[node].seen_version = version_;
}

void LabFile::truncated(unsigned node, std::uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  nodes_[node].pages.truncate(size_bytes);
  store_changed_by(node);
}

std::uint64_t LabFile::size_bytes(unsigned node, std::uint64_t store_size_bytes) {
  if (passes_through_) return store_size_bytes;
  const std::lock_guard lock(mutex_);
  return std::max(store_size_bytes, nodes_[node].pages.dirty_end_bytes());
}

bool LabFile::open_on(unsigned node) {
  const std::lock_guard lock(mutex_);
  return nodes_[node].handles > 0;
}

bool LabFile::writing_on(unsigned node) {
  const std::lock_guard lock(mutex_);
  return nodes_[node].writers > 0;
}

bool LabFile::dirty(unsigned node) {
  const std::lock_guard lock(mutex_);
  return nodes_[node].pages.dirty();
}

void LabFile::limit_memory(unsigned node) {
  NodePages& pages = nodes_[node].pages;
  if (pages.held_bytes() <= kHeldLimitBytes) return;
  publish_locked(node);
  pages.forget_clean(kWholeFile);
}

}  // namespace npyrace::lab
