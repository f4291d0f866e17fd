#include "validators/read_path.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "core/base/checked.h"
#include "core/base/error.h"
#include "core/base/table.h"
#include "core/file/buffers.h"
#include "core/file/bus_guard.h"

namespace npyrace {
namespace {

/// Zeros the part of the buffer beyond the end of the file.
void zero_from(std::span<std::byte> buffer, std::size_t there) {
  std::ranges::fill(buffer.subspan(there), std::byte{0});
}

class PreadReader final : public Reader {
 public:
  PreadReader(std::unique_ptr<File> file, bool drop_cache)
      : file_(std::move(file)), drop_cache_(drop_cache) {}
  PreadReader(const PreadReader&) = delete;
  PreadReader& operator=(const PreadReader&) = delete;

  /// Leaves nothing of what was read, or read ahead, in the page cache.
  ~PreadReader() override {
    if (!drop_cache_) return;
    try {
      file_->drop_cache(0, file_->size_bytes());
    } catch (const SystemError&) {
      return;  // pages that stay cached are no error
    }
  }

  std::span<const std::byte> read(std::uint64_t offset_bytes, std::size_t size_bytes) override {
    if (drop_cache_) file_->drop_cache(offset_bytes, size_bytes);
    buffer_.resize(size_bytes);
    zero_from(buffer_, file_->read_at(buffer_, offset_bytes));
    return buffer_;
  }

 private:
  std::unique_ptr<File> file_;
  bool drop_cache_;
  std::vector<std::byte> buffer_;
};

/// Copies from a mapping of the requested piece and some of what follows, up to the end of the
/// file.
class MmapReader final : public Reader {
 public:
  explicit MmapReader(std::unique_ptr<File> file) : file_(std::move(file)) {}

  std::span<const std::byte> read(std::uint64_t offset_bytes, std::size_t size_bytes) override {
    buffer_.resize(size_bytes);
    for (int tries = 0; tries < kMostTries; ++tries) {
      if (!holds(offset_bytes, size_bytes)) map_from(offset_bytes, size_bytes);
      const auto there = std::min<std::uint64_t>(size_bytes, end_bytes_ - offset_bytes);
      zero_from(buffer_, as_size(there));
      if (there == 0 || copy(offset_bytes, there)) return buffer_;
      mapping_ = nullptr;
    }
    throw SystemError({file_->path(), "load from a mapping", offset_bytes}, EIO);
  }

 private:
  /// Gives up on a file that is truncated after each check of its size.
  static constexpr int kMostTries = 8;
  /// Mapping and unmapping takes longer than the copy of less.
  static constexpr std::uint64_t kWindowBytes = 4 << 20;

  bool holds(std::uint64_t offset_bytes, std::size_t size_bytes) const {
    return mapping_ && offset_bytes >= first_bytes_ && offset_bytes + size_bytes <= end_bytes_;
  }

  /// A piece that ends after the file is mapped anew each time, since the file may have grown.
  void map_from(std::uint64_t offset_bytes, std::size_t size_bytes) {
    mapping_ = nullptr;
    first_bytes_ = offset_bytes;
    const std::uint64_t file_bytes = std::max(offset_bytes, file_->size_bytes());
    end_bytes_ =
        std::min(file_bytes, offset_bytes + std::max<std::uint64_t>(size_bytes, kWindowBytes));
    if (end_bytes_ > offset_bytes)
      mapping_ = file_->map({.offset_bytes = offset_bytes,
                             .size_bytes = end_bytes_ - offset_bytes,
                             .populate = true});
  }

  /// Returns false if the file was truncated after its size was determined.
  bool copy(std::uint64_t offset_bytes, std::uint64_t size_bytes) {
    const auto from =
        mapping_->bytes().subspan(as_size(offset_bytes - first_bytes_), as_size(size_bytes));
    std::byte* to = buffer_.data();
    return bus_error_in([from, to] { std::memcpy(to, from.data(), from.size()); }) == nullptr;
  }

  std::unique_ptr<File> file_;
  std::unique_ptr<Mapping> mapping_;
  std::uint64_t first_bytes_ = 0;  ///< of the file in the mapping
  std::uint64_t end_bytes_ = 0;
  std::vector<std::byte> buffer_;
};

class DirectReader final : public Reader {
 public:
  explicit DirectReader(std::unique_ptr<File> file) : file_(std::move(file)) {}

  std::span<const std::byte> read(std::uint64_t offset_bytes, std::size_t size_bytes) override {
    const std::uint64_t lead_bytes = offset_bytes % kDirectAlignmentBytes;
    const std::uint64_t whole_bytes = (lead_bytes + size_bytes + kDirectAlignmentBytes - 1) /
                                      kDirectAlignmentBytes * kDirectAlignmentBytes;
    const auto buffer = buffer_.reserve(as_size(whole_bytes));
    zero_from(buffer, file_->read_at(buffer, offset_bytes - lead_bytes));
    return buffer.subspan(as_size(lead_bytes), size_bytes);
  }

 private:
  std::unique_ptr<File> file_;
  AlignedBuffer buffer_;
};

std::unique_ptr<Reader> open_pread(const FileOpener& open_file, const std::string& path) {
  return std::make_unique<PreadReader>(open_file(path, {}), false);
}

std::unique_ptr<Reader> open_mmap(const FileOpener& open_file, const std::string& path) {
  return std::make_unique<MmapReader>(open_file(path, {}));
}

std::unique_ptr<Reader> open_direct(const FileOpener& open_file, const std::string& path) {
  return std::make_unique<DirectReader>(open_file(path, {.direct = true}));
}

/// Only clean pages can be dropped, so dirty ones are written back first.
std::unique_ptr<Reader> open_dropped(const FileOpener& open_file, const std::string& path) {
  auto file = open_file(path, {});
  file->sync();
  return std::make_unique<PreadReader>(std::move(file), true);
}

constexpr ReadPathRow kReadPaths[] = {
    {"pread", "read calls through the page cache", false, open_pread},
    {"mmap", "a shared mapping", false, open_mmap},
    {"direct", "O_DIRECT: past the page cache", true, open_direct},
    {"dropped", "read calls after the cached pages were given up (POSIX_FADV_DONTNEED)", true,
     open_dropped},
};

}  // namespace

std::span<const ReadPathRow> read_path_table() {
  return kReadPaths;
}

const ReadPathRow& find_read_path(std::string_view name) {
  return find_row("read path", name, read_path_table());
}

}  // namespace npyrace
