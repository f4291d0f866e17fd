#pragma once
// The one file of a race: a name of its own, never an existing file, gone after every ending. Its
// name says which process made it, so that what a kill -9 leaves can be recognised, and nothing
// else.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/race/file_identity.h"
#include "core/array_map.h"
#include "core/file.h"

namespace npyrace {

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
