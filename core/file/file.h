#pragma once
// The interface for all file access of writers and validators. PosixFile implements it; tests
// inject faults by FaultyFile.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/file/stream.h"
#include "core/file/write_queue.h"

namespace npyrace {

enum class Access { read, write, read_write };

struct OpenOptions {
  Access access = Access::read;
  bool create_new = false;  ///< O_CREAT | O_EXCL: an existing file is an error
  /// O_CREAT | O_TRUNC: an existing file is truncated, as with NumPy's mode w+.
  bool start_anew = false;
  bool follow_link = true;  ///< false: a symbolic link at the path is an error (O_NOFOLLOW)
  /// O_DIRECT: bypasses the page cache; offsets, sizes and memory must be aligned.
  bool direct = false;
  bool data_sync = false;  ///< O_DSYNC: every write returns with its data on stable storage
  bool full_sync = false;  ///< O_SYNC: as O_DSYNC, including all metadata
};

/// A mapped part of a file; the destructor unmaps it.
class Mapping {
 public:
  virtual ~Mapping() = default;

  /// Exactly the requested bytes, without page rounding.
  virtual std::span<std::byte> bytes() = 0;

  /// Writes changed pages of the whole mapping back (msync MS_SYNC). Throws SystemError.
  virtual void sync() = 0;

  /// The same for the pages of [offset, offset + size) in `bytes()`. Throws SystemError.
  virtual void sync_range(std::uint64_t offset_bytes, std::uint64_t size_bytes) = 0;

  /// Unmaps now, so that errors are reported. Throws SystemError. Invalidates `bytes()`.
  virtual void unmap() = 0;
};

enum class Sharing { shared, copy_on_write };

struct MapRequest {
  std::uint64_t offset_bytes = 0;  ///< need not be page-aligned
  std::uint64_t size_bytes = 0;    ///< at least 1
  bool writable = false;
  bool populate = false;  ///< MAP_POPULATE: all pages are mapped before the first access
  Sharing sharing = Sharing::shared;
};

/// Requirements of direct and atomic writes, in bytes; 0: the system does not report them.
struct DirectLimits {
  std::uint64_t memory_bytes = 0;        ///< alignment of memory for O_DIRECT
  std::uint64_t offset_bytes = 0;        ///< alignment of offsets and sizes
  std::uint64_t least_atomic_bytes = 0;  ///< smallest untorn write (RWF_ATOMIC)
  std::uint64_t most_atomic_bytes = 0;   ///< 0: not supported
};

/// There is only a hole, up to the end of the file.
inline constexpr std::uint64_t kNoData = ~std::uint64_t{0};

/// An open file. Every member except the destructor throws SystemError on failure.
class File {
 public:
  virtual ~File() = default;

  /// Fills `buffer` from `offset_bytes`; returns fewer bytes only at the end of the file.
  virtual std::size_t read_at(std::span<std::byte> buffer, std::uint64_t offset_bytes) = 0;

  /// Writes all of `data`.
  virtual void write_at(std::span<const std::byte> data, std::uint64_t offset_bytes) = 0;

  /// As write_at, with the data on stable storage when it returns (pwritev2, RWF_DSYNC).
  virtual void write_at_synced(std::span<const std::byte> data, std::uint64_t offset_bytes) = 0;

  /// Writes all parts contiguously in as few calls as possible (pwritev).
  virtual void write_gathered(std::span<const std::span<const std::byte>> parts,
                              std::uint64_t offset_bytes) = 0;

  /// Writes all of `data` or nothing, even on power loss (pwritev2, RWF_ATOMIC). Requires O_DIRECT;
  /// a size outside `direct_limits` is an error.
  virtual void write_at_atomically(std::span<const std::byte> data, std::uint64_t offset_bytes) = 0;

  /// A queue of writes to this file (io_uring). This file must outlive it.
  virtual std::unique_ptr<WriteQueue> write_queue() = 0;

  /// The file as a C stream (stdio); requires Access::read_write.
  virtual std::unique_ptr<Stream> stream() = 0;

  virtual DirectLimits direct_limits() = 0;

  /// Copies [from, from + size) of `source`, a file opened by the same opener, to `offset_bytes`
  /// inside the kernel, by reference if the file system supports it (copy_file_range).
  virtual void copy_from(File& source, std::uint64_t from_bytes, std::uint64_t offset_bytes,
                         std::uint64_t size_bytes) = 0;

  virtual std::unique_ptr<Mapping> map(const MapRequest& request) = 0;

  /// Waits for and takes a write lock on the range, owned by this open file description (fcntl
  /// F_OFD_SETLKW), so that it also excludes other threads.
  virtual void lock(std::uint64_t offset_bytes, std::uint64_t size_bytes) = 0;
  /// Non-blocking; returns false if another open file description holds part of the range.
  virtual bool try_lock(std::uint64_t offset_bytes, std::uint64_t size_bytes) = 0;
  virtual void unlock(std::uint64_t offset_bytes, std::uint64_t size_bytes) = 0;

  /// fsync: data and metadata are on stable storage when it returns.
  virtual void sync() = 0;

  virtual std::uint64_t size_bytes() = 0;

  /// Extends the file to `size_bytes` with allocated zeros, so that a later store to a mapping
  /// cannot fail for lack of space.
  virtual void allocate(std::uint64_t size_bytes) = 0;

  /// Asks the kernel to drop clean cached pages of the range (POSIX_FADV_DONTNEED).
  virtual void drop_cache(std::uint64_t offset_bytes, std::uint64_t size_bytes) = 0;

  /// Offset of the first byte from `offset_bytes` on that is not in a hole (SEEK_DATA), or kNoData;
  /// nothing if the file system cannot tell.
  virtual std::optional<std::uint64_t> next_data(std::uint64_t offset_bytes) = 0;

  /// Bytes of the file in this node's page cache, in whole pages; nothing if unknown.
  virtual std::optional<std::uint64_t> cached_bytes() = 0;

  /// Closes now, so that errors are reported. The destructor ignores them.
  virtual void close() = 0;

  virtual const std::string& path() const = 0;
};

/// Opens files: open_posix_file in the program, a faulty implementation in tests.
using FileOpener =
    std::function<std::unique_ptr<File>(const std::string& path, const OpenOptions& options)>;

}  // namespace npyrace
