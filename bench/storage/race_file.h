#pragma once
// Names of race files: "npyrace-HOST-BOOT-PID-START-NUMBER-CHECK.npy". HOST, BOOT and START tell
// whether the process that made the file still lives; CHECK makes sure that it is such a name.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/array/array_map.h"
#include "core/file/file.h"

namespace npyrace {

/// The process a race file belongs to.
struct RaceFileOwner {
  std::string host;  ///< hash of host name, machine id and process namespace: 16 hex digits
  std::string boot;  ///< hash of the boot id: 8 hex digits
  std::int64_t pid = 0;
  std::uint64_t start_ticks = 0;  ///< since boot, as in /proc/PID/stat

  friend bool operator==(const RaceFileOwner&, const RaceFileOwner&) = default;
};

RaceFileOwner this_process();

std::string race_file_name(const RaceFileOwner& owner, std::uint64_t number);

/// The owner, if `name` is a name that race_file_name could have made.
std::optional<RaceFileOwner> race_file_owner(const std::string& name);

/// True only when the owner was a process of this machine and has certainly ended. `modified` is
/// when the file was last changed, in seconds since 1970.
bool has_ended(const RaceFileOwner& owner, std::int64_t modified);

// Is the file under a name still the one that was there? Somebody else may have moved another one
// over it, cut it, appended to it, or removed it, while it was raced.

class FileIdentity {
 public:
  /// Remembers the file at `path`, of `size_bytes`. Opens it in no way that writers or caches could
  /// notice. Throws SystemError.
  FileIdentity(std::string path, std::uint64_t size_bytes);
  FileIdentity(const FileIdentity&) = delete;
  FileIdentity& operator=(const FileIdentity&) = delete;
  ~FileIdentity();

  /// "was replaced by another file", "was removed", "cannot be looked at: …", or empty: it is the
  /// one.
  std::string stranger() const;
  /// "was truncated to N bytes", "has grown to N bytes", or empty. Looks at `path`, which may be of
  /// another mount than the one remembered.
  std::string resized(const std::string& path) const;

  /// Lets go of the file: on NFS one that is held cannot really be removed.
  void forget();

 private:
  std::string path_;
  std::uint64_t size_bytes_;
  int descriptor_;
};

// The one file of a race: a name of its own, never an existing file, gone after every ending. Its
// name says which process made it, so that what a kill -9 leaves can be recognised, and nothing
// else.

/// Makes the array at a path where nothing is. Throws, and may then leave a file.
using ArrayMaker =
    std::function<void(const std::string& path, const ArrayMap& map, const FileOpener& open_file)>;

/// Who needs a file only while it is seen, not after a crash, need not wait for a slow fsync.
enum class Making { synced, unsynced };

/// Really allocated, header written, all else zeros, and when synced no cached page left behind
/// where the system lets go of them.
ArrayMaker array_maker(Making making);

class RaceFile {
 public:
  /// Has the array made in the first of `dirs`. Returns when the others show it, too. Throws
  /// SystemError, what `make` throws, and FormatError when they never do.
  RaceFile(const std::vector<std::string>& dirs, const ArrayMap& map, const FileOpener& open_file,
           const ArrayMaker& make = array_maker(Making::synced));
  RaceFile(const RaceFile&) = delete;
  RaceFile& operator=(const RaceFile&) = delete;
  ~RaceFile();

  /// Of the file, through each of the directories.
  const std::vector<std::string>& paths() const { return paths_; }

  /// Of the file, through another directory of the same file system.
  std::string path_in(const std::string& dir) const;

  /// The one that was made: is it still there, and of its size?
  const FileIdentity& identity() const { return *identity_; }

  /// Takes the file that has the name now for the one of this race: a program moved it there.
  /// Throws SystemError.
  void adopt_named();

  /// Leaves the file, under a name that no later run removes. Returns its path. Throws SystemError.
  std::string keep(const std::string& name);

  /// Leaves the file and all that lies beside it as they are: somebody may still write to them.
  void leave() { left_ = true; }

 private:
  std::vector<std::string> dirs_;
  std::vector<std::string> paths_;
  std::uint64_t size_bytes_;
  std::optional<FileIdentity> identity_;
  bool remove_ = true;
  bool left_ = false;
};

/// Returns when a file that was made as `made` shows as `seen` with its size: attribute caches last
/// seconds. Throws FormatError when it never does.
void wait_until_visible(const std::string& made, const std::string& seen, std::uint64_t size_bytes);

/// Removes a race file and what lies beside it: parts that nobody has collected, files of jobs, and
/// what MPI tries locks on. Returns whether the file was there.
bool remove_race_file(const std::string& path);

/// Throws FormatError unless what is created in the first directory shows in all of them.
void require_one_file_system(const std::vector<std::string>& dirs, const FileOpener& open_file);

/// Fills a newly created file with the array's header and zeros. Throws SystemError.
void write_empty_array(File& file, const ArrayMap& map);

/// Removes files of races whose process is certainly dead, but none that jobs of a queue may still
/// write to. Returns their paths.
std::vector<std::string> remove_leftovers(const std::string& dir);

}  // namespace npyrace
