#include "bench/strategies/part_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include "bench/stopwatch.h"

namespace npyrace {
namespace {

/// A thousand parts are read at once.
constexpr std::uint64_t kBufferBytes = 32 << 10;

}  // namespace

std::string part_path(const std::string& array_path, std::uint64_t writer, unsigned generation) {
  return fmt::format("{}.part{}-{}", array_path, writer, generation);
}

std::string unfinished_part_path(const std::string& part_path) {
  return part_path + ".tmp";
}

ArrayMap part_map(const ArrayMap& map, std::uint64_t writer) {
  return ArrayMap({.descr = map.request().descr,
                   .row_shape = map.request().row_shape,
                   .records = map.count(writer)});
}

namespace {

/// A part has its name when it is whole, but the node that reads it may still see less of it: where
/// nothing makes a write visible at once, a collector waits, as attribute caches last seconds.
std::unique_ptr<File> open_whole(const FileOpener& open_file, const std::string& path,
                                 std::uint64_t size_bytes) {
  constexpr std::int64_t kVisibleWithinNs = 5'000'000'000;
  const std::int64_t start_ns = monotonic_ns();
  for (;;) {
    std::unique_ptr<File> file = open_file(path, {});
    if (file->size_bytes() >= size_bytes || monotonic_ns() - start_ns > kVisibleWithinNs)
      return file;
    file->close();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace

bool PartReader::open(const FileOpener& open_file, const std::string& path, const ArrayMap& part) {
  try {
    file_ = open_whole(open_file, path, part.file_bytes());
  } catch (const SystemError& error) {
    if (error.error_number() == ENOENT) return false;
    throw;
  }
  data_offset_bytes_ = part.data_offset_bytes();
  record_bytes_ = part.record_bytes();
  records_ = part.records();
  return true;
}

std::span<const std::byte> PartReader::record(std::uint64_t position) {
  if (position < first_ || position >= first_ + held_) {
    first_ = position;
    held_ = std::min(records_ - position, std::max<std::uint64_t>(1, kBufferBytes / record_bytes_));
    buffer_.resize(static_cast<std::size_t>(held_ * record_bytes_));
    const std::uint64_t at = data_offset_bytes_ + position * record_bytes_;
    if (file_->read_at(buffer_, at) < buffer_.size())
      throw FormatError(fmt::format("{}: ends before record {}", file_->path(), position));
  }
  return std::span(buffer_).subspan(static_cast<std::size_t>((position - first_) * record_bytes_),
                                    static_cast<std::size_t>(record_bytes_));
}

}  // namespace npyrace
