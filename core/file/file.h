#pragma once
// The one seam to the operating system for everything that writers and validators do to a file.
// PosixFile is the real one; tests put a FaultyFile in its place.

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
  bool create_new = false;  ///< O_CREAT | O_EXCL: an existing file is an error, never overwritten
  bool start_anew = false;  ///< O_CREAT | O_TRUNC: what was there is gone, as with NumPy's mode w+
  bool direct = false;      ///< O_DIRECT: past the page cache; offsets, sizes, memory aligned
  bool data_sync = false;   ///< O_DSYNC: every write is on stable storage when it returns
  bool full_sync = false;   ///< O_SYNC: and so is all that the file system notes about it
};

/// Part of a file in memory; unmapped when it goes out of scope.
class Mapping {
 public:
  virtual ~Mapping() = default;

  /// Exactly the bytes that were asked for, however the pages lie.
  virtual std::span<std::byte> bytes() = 0;

  /// Writes changed pages of the whole mapping back (msync MS_SYNC). Throws SystemError.
  virtual void sync() = 0;

  /// The same for the pages that hold [offset, offset + size) of `bytes()`. Throws SystemError.
  virtual void sync_range(std::uint64_t offset_bytes, std::uint64_t size_bytes) = 0;

  /// Gives the memory back now, so that an error shows. Throws SystemError. `bytes()` ends here.
  virtual void unmap() = 0;
};

enum class Sharing { shared, copy_on_write };

struct MapRequest {
  std::uint64_t offset_bytes = 0;  ///< any byte: page rounding happens inside
  std::uint64_t size_bytes = 0;    ///< more than 0
  bool writable = false;
  bool populate = false;  ///< MAP_POPULATE: all pages are there before the first touch
  Sharing sharing = Sharing::shared;
};

/// What a file asks of writes that go past the page cache, in bytes; 0: the system does not say.
struct DirectLimits {
  std::uint64_t memory_bytes = 0;        ///< memory must be aligned to it (O_DIRECT)
  std::uint64_t offset_bytes = 0;        ///< and offsets and sizes to this
  std::uint64_t least_atomic_bytes = 0;  ///< of untorn writes (RWF_ATOMIC)
  std::uint64_t most_atomic_bytes = 0;   ///< 0: it grants none
};

/// An open file. Every member but the destructor throws SystemError on failure.
class File {
 public:
  virtual ~File() = default;

  /// Fills `buffer` from `offset_bytes` on; returns fewer bytes only where the file ends.
  virtual std::size_t read_at(std::span<std::byte> buffer, std::uint64_t offset_bytes) = 0;

  /// Writes all of `data`.
  virtual void write_at(std::span<const std::byte> data, std::uint64_t offset_bytes) = 0;

  /// The same; it is on stable storage when it returns (pwritev2, RWF_DSYNC).
  virtual void write_at_synced(std::span<const std::byte> data, std::uint64_t offset_bytes) = 0;

  /// Writes all of the parts, one behind the other, in as few calls as they take (pwritev).
  virtual void write_gathered(std::span<const std::span<const std::byte>> parts,
                              std::uint64_t offset_bytes) = 0;

  /// Writes all of `data` or nothing, also when power fails (pwritev2, RWF_ATOMIC). The file is
  /// open with O_DIRECT; a size that `direct_limits` does not grant is an error.
  virtual void write_at_atomically(std::span<const std::byte> data, std::uint64_t offset_bytes) = 0;

  /// A queue of writes to this file (io_uring), which must outlive it.
  virtual std::unique_ptr<WriteQueue> write_queue() = 0;

  /// The file as a C stream (stdio); it must be open for reading and writing.
  virtual std::unique_ptr<Stream> stream() = 0;

  virtual DirectLimits direct_limits() = 0;

  /// Copies [from, from + size) of another file that was opened as this one was to `offset_bytes`,
  /// in the kernel, by reference where the file system can (copy_file_range).
  virtual void copy_from(File& source, std::uint64_t from_bytes, std::uint64_t offset_bytes,
                         std::uint64_t size_bytes) = 0;

  virtual std::unique_ptr<Mapping> map(const MapRequest& request) = 0;

  /// Waits until no other open file holds a lock on the range and takes it: a write lock of this
  /// open file (fcntl F_OFD_SETLKW), so that threads exclude each other, too.
  virtual void lock(std::uint64_t offset_bytes, std::uint64_t size_bytes) = 0;
  /// The same without waiting: false when another open file holds a part of the range.
  virtual bool try_lock(std::uint64_t offset_bytes, std::uint64_t size_bytes) = 0;
  virtual void unlock(std::uint64_t offset_bytes, std::uint64_t size_bytes) = 0;

  /// fsync: data and metadata are on stable storage when it returns.
  virtual void sync() = 0;

  virtual std::uint64_t size_bytes() = 0;

  /// Makes the file `size_bytes` long with every byte really allocated (zeros), so that a later
  /// write into a mapping cannot die of a full disk.
  virtual void allocate(std::uint64_t size_bytes) = 0;

  /// Asks the kernel to forget clean cached pages of the range, so that the next read is fresh.
  virtual void drop_cache(std::uint64_t offset_bytes, std::uint64_t size_bytes) = 0;

  /// How many bytes of the file (in whole pages) this node's page cache holds; nothing where that
  /// cannot be told.
  virtual std::optional<std::uint64_t> cached_bytes() = 0;

  /// Closes now, so that an error shows. The destructor closes silently.
  virtual void close() = 0;

  virtual const std::string& path() const = 0;
};

/// How files are opened: open_posix_file in the program, something that misbehaves in tests.
using FileOpener =
    std::function<std::unique_ptr<File>(const std::string& path, const OpenOptions& options)>;

}  // namespace npyrace
