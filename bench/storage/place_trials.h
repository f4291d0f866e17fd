#pragma once
// Trials of a directory before a race: does the judge bypass the page cache, do locks exclude each
// other, do mounts agree? Some file systems accept O_DIRECT and serve it from memory, keep pages
// despite POSIX_FADV_DONTNEED, or grant one lock to two nodes.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/file/file.h"
#include "validators/scan.h"

namespace npyrace {

struct JudgeTrial {
  bool uncached = true;
  std::string doubt;  ///< why not; empty if uncached
};

/// Reads a temporary file in `dir` as the judge does and compares the page cache's content before
/// and after. Returns uncached = true if the cache cannot be inspected, and false with the reason
/// if the trial fails, for example on a full disk.
JudgeTrial try_judge(const std::string& dir, const FileOpener& open_file);

// Trial of locks before strategies that need them. OCFS2 between some kernels and NFS mounted with
// nolock grant the same bytes to two nodes at once; the verdict on such a strategy would depend on
// chance.

/// Takes the lock of the trial file, in this process or in another. All functions throw
/// SystemError.
class Locker {
 public:
  virtual ~Locker() = default;
  /// Throws FormatError if the lock is free and yet not granted.
  virtual void take() = 0;
  virtual void give_up() = 0;
  /// Requests the lock through a second opening, and releases it at once.
  virtual bool is_granted() = 0;
};

/// Locks by its own path of the file, through an opening of its own.
class FileLocker final : public Locker {
 public:
  FileLocker(std::string path, FileOpener open_file);
  void take() override;
  void give_up() override;
  bool is_granted() override;

 private:
  std::string path_;
  FileOpener open_file_;
  std::unique_ptr<File> file_;
};

/// A locker, and how messages speak of it.
struct NamedLocker {
  std::unique_ptr<Locker> locker;
  std::string name;
  std::string twice;   ///< itself and itself: "two openings through /mnt"
  std::string by, to;  ///< a lock was given up by it, or granted to it
};

/// Lets each of them lock and each of them, itself included, request the same bytes. Returns why
/// locks do not work, in one line; empty: every lock excluded every other.
std::string try_lockers(const std::vector<NamedLocker>& lockers);

/// Tries locks between openings through each of `dirs`. An error while creating or locking the file
/// is also a reason why locks do not work there.
std::string try_locks(const std::vector<std::string>& dirs, const FileOpener& open_file);

// Reading back through several mounts while changes may still be propagating.

/// Scans; while uncached reads through different mounts disagree, scans again, up to five times
/// within two seconds, before it reports the difference. Throws as `scan` does.
Findings scan_settled(const ScanRequest& request,
                      const std::function<Findings(const ScanRequest&)>& scan = npyrace::scan);

}  // namespace npyrace
