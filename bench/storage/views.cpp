#include "bench/storage/views.h"

#include <cerrno>
#include <vector>

#include "core/base/error.h"
#include "core/base/table.h"

namespace npyrace {
namespace {

/// True for "not supported", as opposed to a file that cannot be read.
bool says_unsupported(const SystemError& error) {
  const int number = error.error_number();
  return number == EINVAL || number == ENODEV || number == ENOSYS || number == EOPNOTSUPP;
}

bool works(const View& view, const FileOpener& open_file) {
  try {
    view.read_path->open(open_file, view.path)->read(0, 1);
    return true;
  } catch (const SystemError& error) {
    if (says_unsupported(error)) return false;
    throw;
  }
}

}  // namespace

View make_view(const char* read_path, const std::string& path, const std::string& dir) {
  return {&find_read_path(read_path), path, std::string(read_path) + "@" + dir};
}

View choose_judge(const std::string& path, const std::string& dir, const FileOpener& open_file) {
  const View direct = make_view("direct", path, dir);
  if (works(direct, open_file)) return direct;
  return make_view("dropped", path, dir);
}

std::vector<View> choose_views(const std::vector<std::string>& paths,
                               const std::vector<std::string>& dirs, const FileOpener& open_file,
                               const View& judge) {
  std::vector<View> views;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    for (const ReadPathRow& row : read_path_table()) {
      View view = make_view(row.name, paths[i], dirs[i]);
      const bool cached_or_direct = !row.uncached || std::string_view(row.name) == "direct";
      if (view.label == judge.label || !cached_or_direct) continue;
      if (works(view, open_file)) views.push_back(std::move(view));
    }
  }
  return views;
}

namespace {

void leave(const std::vector<std::string>&, const FileOpener&) {}

/// Only clean pages can be dropped, so dirty ones are written back first.
void drop(const std::vector<std::string>& paths, const FileOpener& open_file) {
  for (const std::string& path : paths) {
    const auto file = open_file(path, {});
    file->sync();
    file->drop_cache(0, file->size_bytes());
  }
}

/// Fills the page cache, as another user's np.load does.
void read(const std::vector<std::string>& paths, const FileOpener& open_file) {
  std::vector<std::byte> buffer(1 << 20);
  for (const std::string& path : paths) {
    const auto file = open_file(path, {});
    for (std::uint64_t at = 0; file->read_at(buffer, at) > 0; at += buffer.size()) {
    }
  }
}

constexpr CacheRow kCaches[] = {
    {"as-is", "the pages that creating and writing the file have left", leave, false},
    {"cold", "cached pages are dropped on every mount", drop, true},
    {"warm", "the whole file is read through every mount", read, false},
};

}  // namespace

std::span<const CacheRow> cache_table() {
  return kCaches;
}

const CacheRow& find_cache(std::string_view name) {
  return find_row("cache state", name, cache_table());
}

}  // namespace npyrace
