#include "bench/lab/server/history.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/base/error.h"
#include "core/file/posix_file.h"

namespace npyrace::lab {

ssize_t read_whole(int source, std::span<std::byte> buffer, std::uint64_t offset_bytes) {
  std::size_t done = 0;
  while (done < buffer.size()) {
    const ssize_t part = uninterrupted([&] {
      return ::pread(source, buffer.data() + done, buffer.size() - done,
                     static_cast<off_t>(offset_bytes + done));
    });
    if (part < 0) return -errno;
    if (part == 0) break;
    done += static_cast<std::size_t>(part);
  }
  return static_cast<ssize_t>(done);
}

int write_whole(int target, std::span<const std::byte> bytes, std::uint64_t offset_bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t part = uninterrupted([&] {
      return ::pwrite(target, bytes.data() + done, bytes.size() - done,
                      static_cast<off_t>(offset_bytes + done));
    });
    if (part < 0) return -errno;
    if (part == 0) return -EIO;
    done += static_cast<std::size_t>(part);
  }
  return 0;
}

namespace {

/// Content of the file; zeros beyond its end.
std::vector<std::byte> content(int source, ByteRange range) {
  std::vector<std::byte> bytes(range.size_bytes());
  const ssize_t got = read_whole(source, bytes, range.begin);
  if (got < 0) bytes.clear();
  return bytes;
}

}  // namespace

void History::before_write(unsigned node, int source, ByteRange range) {
  if (!needed() || range.begin >= range.end) return;
  const std::lock_guard lock(mutex_);
  if (needs_.undo) undo_[node].push_back({range.begin, content(source, range)});
  if (!needs_.old_pages) return;
  for (std::uint64_t page = range.begin / page_bytes() * page_bytes(); page < range.end;
       page += page_bytes())
    old_pages_[page] = content(source, {page, page + page_bytes()});
}

std::vector<ByteRange> History::show_old(std::uint64_t offset_bytes, std::span<std::byte> bytes) {
  const std::lock_guard lock(mutex_);
  std::vector<ByteRange> shown;
  const std::uint64_t end = offset_bytes + bytes.size();
  for (auto it = old_pages_.lower_bound(offset_bytes / page_bytes() * page_bytes());
       it != old_pages_.end() && it->first < end; ++it) {
    const auto& [page, old] = *it;
    const std::uint64_t first = std::max(page, offset_bytes);
    const std::uint64_t last = std::min(page + old.size(), end);
    if (first >= last) continue;
    std::memcpy(bytes.data() + (first - offset_bytes), old.data() + (first - page), last - first);
    shown.push_back({first, last});
  }
  return shown;
}

std::vector<ByteRange> History::undo(unsigned node, int target) {
  const std::lock_guard lock(mutex_);
  ByteRanges undone;
  auto& steps = undo_[node];
  for (auto step = steps.rbegin(); step != steps.rend(); ++step)
    if (write_whole(target, step->bytes, step->offset_bytes) == 0) undone.add(step->range());
  steps.clear();
  return undone.ranges();
}

void History::forget(unsigned node) {
  const std::lock_guard lock(mutex_);
  undo_[node].clear();
}

}  // namespace npyrace::lab
