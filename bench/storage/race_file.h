#pragma once
// The file of a race: creation, detection of outside interference, and removal, also of files that
// crashed runs left. Its name "npyrace-HOST-BOOT-PID-START-NUMBER-CHECK.npy" identifies the process
// that created it (HOST, BOOT, PID, START); CHECK is a checksum that excludes names of other
// origin.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/array/array_map.h"
#include "core/file/file.h"

namespace npyrace {

/// Identifies the process that owns a race file.
struct RaceFileOwner {
  std::string host;  ///< hash of host name, machine id and process namespace: 16 hex digits
  std::string boot;  ///< hash of the boot id: 8 hex digits
  std::int64_t pid = 0;
  std::uint64_t start_ticks = 0;  ///< process start time since boot, as in /proc/PID/stat

  friend bool operator==(const RaceFileOwner&, const RaceFileOwner&) = default;
};

RaceFileOwner this_process();

std::string race_file_name(const RaceFileOwner& owner, std::uint64_t number);

/// Parses a race file's name; returns nothing if race_file_name could not have produced it.
std::optional<RaceFileOwner> race_file_owner(const std::string& name);

/// True only if the owner ran on this machine and has certainly ended. `modified` is the file's
/// mtime in seconds since 1970.
bool has_ended(const RaceFileOwner& owner, std::int64_t modified);

// Detects outside interference with a race file: replaced, truncated, extended or removed while it
// was raced.

class FileIdentity {
 public:
  /// Remembers the file at `path`, of `size_bytes`. Opens it with O_PATH, which neither writers nor
  /// caches notice. Throws SystemError.
  FileIdentity(std::string path, std::uint64_t size_bytes);
  FileIdentity(const FileIdentity&) = delete;
  FileIdentity& operator=(const FileIdentity&) = delete;
  ~FileIdentity();

  /// Returns "was replaced by another file", "was removed", "cannot be looked at: …", or an empty
  /// string if the name still refers to the remembered file.
  std::string replacement_error() const;
  /// Returns "was truncated to N bytes", "has grown to N bytes", or an empty string. `path` may lie
  /// on another mount than the remembered one.
  std::string resized(const std::string& path) const;

  /// Closes the descriptor: NFS cannot remove an open file, it only renames it.
  void forget();

 private:
  std::string path_;
  std::uint64_t size_bytes_;
  int descriptor_;
};

// Creates and owns the file of a race. It never uses an existing name and removes the file in its
// destructor. After kill -9 the name allows a later run to recognise and remove it.

/// Creates the array at a path that does not exist. May throw and leave an incomplete file.
using ArrayMaker =
    std::function<void(const std::string& path, const ArrayMap& map, const FileOpener& open_file)>;

/// unsynced saves a slow fsync where the file need not survive a crash.
enum class Making { synced, unsynced };

/// Returns a maker that allocates all blocks, writes the header and leaves zeros elsewhere. When
/// synced, it also drops the cached pages, if the system allows it.
ArrayMaker array_maker(Making making);

class RaceFile {
 public:
  /// Creates the array in the first of `dirs` and waits until it is visible in the others. Throws
  /// SystemError, any exception of `make`, and FormatError when it does not become visible.
  RaceFile(const std::vector<std::string>& dirs, const ArrayMap& map, const FileOpener& open_file,
           const ArrayMaker& make = array_maker(Making::synced));
  RaceFile(const RaceFile&) = delete;
  RaceFile& operator=(const RaceFile&) = delete;
  ~RaceFile();

  /// Path of the file through each of the directories.
  const std::vector<std::string>& paths() const { return paths_; }

  /// Path of the file through another directory of the same file system.
  std::string path_in(const std::string& dir) const;

  /// Identity of the created file, for detecting interference.
  const FileIdentity& identity() const { return *identity_; }

  /// Accepts the file that now has the name as the race file, because a program moved it there.
  /// Throws SystemError.
  void adopt_named();

  /// Keeps the file under another name, which no later run removes. Returns its path. Throws
  /// SystemError.
  std::string keep(const std::string& name);

  /// Leaves the file and its side files in place: writers that could not be ended may still write
  /// to them.
  void leave() { left_ = true; }

 private:
  std::vector<std::string> dirs_;
  std::vector<std::string> paths_;
  std::uint64_t size_bytes_;
  std::optional<FileIdentity> identity_;
  bool remove_ = true;
  bool left_ = false;
};

/// Waits until the file created as `made` is visible as `seen` with its full size; attribute caches
/// can delay that by seconds. Throws FormatError after five seconds.
void wait_until_visible(const std::string& made, const std::string& seen, std::uint64_t size_bytes);

/// Removes a race file and its side files: uncollected parts, job files, and lock test files of
/// MPI. Returns whether the file existed.
bool remove_race_file(const std::string& path);

/// Throws FormatError unless a file created in the first directory becomes visible in all of them.
void require_one_file_system(const std::vector<std::string>& dirs, const FileOpener& open_file);

/// Writes the array's header and zeros into a new file, syncs it and drops its cached pages. Throws
/// SystemError.
void write_empty_array(File& file, const ArrayMap& map);

/// Removes race files of processes that have certainly ended, except those that queued jobs may
/// still write to. Returns the removed paths.
std::vector<std::string> remove_leftovers(const std::string& dir);

}  // namespace npyrace
