#include "core/npy/memmap.h"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "core/base/checked.h"

namespace npyrace {
namespace {

/// A range of elements in bytes from the start of the data.
struct ByteRun {
  std::uint64_t offset_bytes = 0;
  std::uint64_t size_bytes = 0;
};

std::unique_ptr<File> open_for(const std::string& path, MapMode mode, const FileOpener& opener) {
  const bool writes = mode == MapMode::read_write;
  return opener(path, {.access = writes ? Access::read_write : Access::read});
}

void refuse_objects(const std::string& path, const NpyHeader& header) {
  if (header.dtype.has_object())
    throw FormatError(path + ": an array of Python objects cannot be mapped into memory");
}

/// Access to a mapping beyond the end of the file would raise SIGBUS.
void require_inside_file(File& file, const NpyHeader& header, const ByteRun& run) {
  const std::uint64_t end_bytes = header.data_offset_bytes + run.offset_bytes + run.size_bytes;
  const std::uint64_t file_bytes = file.size_bytes();
  if (end_bytes > file_bytes)
    throw FormatError(
        fmt::format("{}: the file ends at byte {}, before the data that end at byte {}",
                    file.path(), file_bytes, end_bytes));
}

std::unique_ptr<Mapping> map_run(File& file, const NpyHeader& header, const ByteRun& run,
                                 MapMode mode) {
  if (run.size_bytes == 0) return nullptr;
  return file.map(
      {.offset_bytes = header.data_offset_bytes + run.offset_bytes,
       .size_bytes = run.size_bytes,
       .writable = mode != MapMode::read,
       .sharing = mode == MapMode::copy_on_write ? Sharing::copy_on_write : Sharing::shared});
}

/// The window in bytes. Throws UsageError when it does not lie inside the array.
ByteRun run_of(const std::string& path, const NpyHeader& header, const Window& window) {
  CheckedSize elements = 1;
  for (const std::uint64_t length : window.shape) elements = checked_multiply(elements, length);
  const CheckedSize end = checked_add(elements, window.first_element);
  if (!end || *end > header.element_count())
    throw UsageError(fmt::format("{}: a window from element {} on leaves the array of {} elements",
                                 path, window.first_element, header.element_count()));
  const std::uint64_t item_bytes = header.itemsize_bytes();
  return {window.first_element * item_bytes, *elements * item_bytes};
}

Memmap mapped(std::unique_ptr<File> file, NpyHeader header, const ByteRun& run, MapMode mode,
              std::vector<std::uint64_t> shape) {
  refuse_objects(file->path(), header);
  require_inside_file(*file, header, run);
  auto mapping = map_run(*file, header, run, mode);
  return Memmap(std::move(file), std::move(header), std::move(mapping), std::move(shape));
}

/// Removes an incomplete file.
class Unfinished {
 public:
  explicit Unfinished(const std::string& path) : path_(path) {}
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  ~Unfinished() {
    if (!finished_) std::remove(path_.c_str());
  }
  void finish() { finished_ = true; }

 private:
  std::string path_;
  bool finished_ = false;
};

NpyHeader header_of(const NpyHeaderSpec& spec, const std::vector<std::byte>& encoded) {
  NpyHeader header;
  header.version.major = static_cast<unsigned>(encoded[6]);
  header.dtype = spec.dtype;
  header.fortran_order = spec.fortran_order;
  header.shape = spec.shape;
  header.data_offset_bytes = encoded.size();
  return header;
}

std::uint64_t file_bytes_of(const std::string& path, const NpyHeader& header) {
  const CheckedSize bytes = checked_add(header.data_offset_bytes, header.data_bytes());
  if (!bytes || *bytes > static_cast<std::uint64_t>(INT64_MAX))
    throw UsageError(path + ": the array is larger than a file can be");
  return *bytes;
}

}  // namespace

Memmap::Memmap(std::unique_ptr<File> file, NpyHeader header, std::unique_ptr<Mapping> mapping,
               std::vector<std::uint64_t> window_shape)
    : file_(std::move(file)),
      header_(std::move(header)),
      mapping_(std::move(mapping)),
      shape_(std::move(window_shape)) {}

void Memmap::sync() {
  if (mapping_) mapping_->sync();
}

void Memmap::close() {
  if (mapping_) mapping_->unmap();
  mapping_.reset();
  file_->close();
}

void Memmap::require_item(std::size_t size_bytes, std::size_t alignment_bytes) {
  const auto address = reinterpret_cast<std::uintptr_t>(bytes().data());
  if (header_.itemsize_bytes() != size_bytes)
    throw UsageError(fmt::format("{}: items have {} bytes, not {}", file_->path(),
                                 header_.itemsize_bytes(), size_bytes));
  if (address % alignment_bytes != 0)
    throw UsageError(
        fmt::format("{}: items are not aligned to {} bytes", file_->path(), alignment_bytes));
}

Memmap open_memmap(const std::string& path, MapMode mode, const ReadLimits& limits,
                   const FileOpener& opener) {
  auto file = open_for(path, mode, opener);
  NpyHeader header = read_header(*file, limits);
  const ByteRun run{0, header.data_bytes()};
  auto shape = header.shape;
  return mapped(std::move(file), std::move(header), run, mode, std::move(shape));
}

Memmap open_window(const std::string& path, MapMode mode, const Window& window,
                   const ReadLimits& limits, const FileOpener& opener) {
  auto file = open_for(path, mode, opener);
  NpyHeader header = read_header(*file, limits);
  const ByteRun run = run_of(path, header, window);
  return mapped(std::move(file), std::move(header), run, mode, window.shape);
}

Memmap create_memmap(const std::string& path, const NpyHeaderSpec& spec,
                     std::uint64_t alignment_bytes, const FileOpener& opener) {
  const std::vector<std::byte> encoded = encode_header(spec, alignment_bytes);
  NpyHeader header = header_of(spec, encoded);
  refuse_objects(path, header);
  const std::uint64_t file_bytes = file_bytes_of(path, header);
  auto file = opener(path, {.access = Access::read_write, .create_new = true});
  Unfinished unfinished(path);
  file->allocate(file_bytes);
  file->write_at(encoded, 0);
  const ByteRun run{0, header.data_bytes()};
  Memmap created = mapped(std::move(file), std::move(header), run, MapMode::read_write, spec.shape);
  unfinished.finish();
  return created;
}

}  // namespace npyrace
