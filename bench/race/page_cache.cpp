#include "bench/race/page_cache.h"

#include <vector>

#include "core/table.h"

namespace npyrace {
namespace {

void leave(const std::vector<std::string>&, const FileOpener&) {}

/// Only clean pages can be dropped: what is dirty is written back first.
void drop(const std::vector<std::string>& paths, const FileOpener& open_file) {
  for (const std::string& path : paths) {
    const auto file = open_file(path, {});
    file->sync();
    file->drop_cache(0, file->size_bytes());
  }
}

/// As a colleague does who looks at the file with np.load.
void read(const std::vector<std::string>& paths, const FileOpener& open_file) {
  std::vector<std::byte> buffer(1 << 20);
  for (const std::string& path : paths) {
    const auto file = open_file(path, {});
    for (std::uint64_t at = 0; file->read_at(buffer, at) > 0; at += buffer.size()) {
    }
  }
}

constexpr CacheRow kCaches[] = {
    {"as-is", "whatever creating and writing the file has left", leave, false},
    {"cold", "cached pages are dropped on every mount", drop, true},
    {"warm", "the file is read on every mount, as by a colleague who looks at it", read, false},
};

}  // namespace

std::span<const CacheRow> cache_table() {
  return kCaches;
}

const CacheRow& find_cache(std::string_view name) {
  return find_row("cache state", name, cache_table());
}

}  // namespace npyrace
