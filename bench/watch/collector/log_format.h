#pragma once
// The log that the collector leaves for each watched process, and the collector's settings in the
// environment. The collector (loaded into foreign programs) writes it, bench/watch/process_log.cpp
// reads it.
//
// The log is a sparse file that is mapped shared, so that it survives SIGKILL. It has a header and
// four tables at fixed offsets. An entry is written completely before the count of its table
// includes it. Ranges lie in one of two areas: sorting and merging writes to the other area, which
// then becomes valid.

#include <cstddef>
#include <cstdint>

namespace npyrace::watch {

// Settings, in the environment of watched processes.

inline constexpr const char* kLogVariable = "NPYRACE_WATCH_INTO";  ///< folder of the logs
/// Patterns of watched file names, one per line.
inline constexpr const char* kMatchVariable = "NPYRACE_WATCH_MATCH";
/// For tests: restricts the detection of stores to "soft-dirty", or to "none".
inline constexpr const char* kStoresVariable = "NPYRACE_WATCH_STORES";
/// Process id of the `npyrace watch` that started the program.
inline constexpr const char* kWatcherVariable = "NPYRACE_WATCH_BY";
/// The past of a process, as far as it is known: nanoseconds of Lineage::waited, then the
/// process ids of its ancestors, separated by blanks.
inline constexpr const char* kAfterVariable = "NPYRACE_WATCH_AFTER";
inline constexpr const char* kLogSuffix = ".npyrace-watch";
/// Text files beside the logs with lines for the report about writes that cannot be seen.
inline constexpr const char* kNoteSuffix = ".npyrace-watch-note";
inline constexpr std::size_t kMostPatternBytes = 256;

inline constexpr const char* kLibraryName = "npyrace-watch.so";

// The log.

inline constexpr std::uint64_t kMagic = 0x33686374'6177796eULL;  ///< "nywatch3"
inline constexpr std::uint32_t kMostFiles = 16384;
inline constexpr std::uint32_t kMostSessions = 65536;
inline constexpr std::uint32_t kMostMaps = 4096;
inline constexpr std::uint32_t kMostNotes = 256;
inline constexpr std::uint32_t kMostRanges = 1u << 18;
inline constexpr std::uint32_t kNone = 0xffffffff;

/// How stores into mappings were seen.
enum class Stores : std::uint32_t {
  unused,         ///< no shared mapping was watched
  write_protect,  ///< userfaultfd, asynchronous write protection: exact
  soft_dirty,     ///< the kernel's soft-dirty bits
  upper_bound,    ///< no detection: every writable page of a mapping may have been written
};

/// Time in nanoseconds: since 1970 and since boot.
struct Moment {
  std::int64_t real_ns, boot_ns;
};

inline constexpr int kMostAncestors = 16;

/// What happened before a process: it may have been started long after another one ended without
/// anyone having waited for that.
struct Lineage {
  /// The process, or one that led to its start, last waited for a child to end, or held a lock when
  /// it started the next one. If there was no such moment: the start of the watched program.
  Moment waited;
  /// Process ids, the nearest last; 0: none. All that they did before they started the next one
  /// happened before.
  std::int32_t ancestors[kMostAncestors];
};

struct Header {
  std::uint64_t magic;
  std::uint64_t page_bytes;
  std::int64_t pid;
  char boot_id[40];
  char host[72];
  char task[72];      ///< "rank 3", from the variables of MPI and batch systems; empty: none
  char command[512];  ///< arguments, separated by blanks
  Moment process_started;
  Lineage before;           ///< the start of the process
  std::int64_t started_ns;  ///< the log
  std::int64_t ended_ns;    ///< 0: killed, or still running
  Moment killed;            ///< when its parent noticed that it was killed; 0: never
  std::uint32_t threads;    ///< threads that called a write function
  Stores stores;
  std::uint32_t files, sessions, maps, notes;
  std::uint64_t ranges;        ///< bit 63: the valid area; low bits: the number of ranges
  std::uint32_t coarse;        ///< times that ranges had to be rounded to save memory
  std::uint32_t missed;        ///< entries for which there was no room
  std::uint64_t collector_ns;  ///< time in the collector, without page faults
  std::int64_t watcher;        ///< process id of the `npyrace watch` that started the program
};

enum FileUse : std::uint32_t {
  kLockOnly = 1,       ///< logged only because its locks excluded writers; not a watched file
  kStartsWithOne = 2,  ///< a semaphore that this process created with the value 1
  /// A semaphore that this process posted without having taken it, or took twice: it is no lock.
  kNoMutex = 4,
};

struct File {
  std::uint64_t device, inode;
  std::int64_t born_ns;      ///< when it was created; 0: unknown. Inode numbers are used again
  std::int64_t file_system;  ///< f_type of statfs
  std::uint32_t uses;        ///< FileUse bits
  std::uint32_t path_bytes;
  char path[1024];  ///< last known absolute path
};

/// A time in which the process had a file open or mapped, and wrote to it.
struct Session {
  std::uint32_t file;
  std::uint32_t open_flags;  ///< of all descriptors, O_ACCMODE as a set: 1 << mode
  std::uint32_t synced;      ///< fsync, fdatasync or msync was called
  Moment waited;             ///< as in Lineage, for the start of the session
  Moment opened, closed;     ///< closed: 0 while it is open
  /// When the process got its first descriptor or mapping of the file, and when it gave up the last
  /// one (0: not yet). Both differ from opened and closed if children started or ended meanwhile.
  Moment acquired, released;
};

/// A shared writable mapping.
struct Map {
  std::uint32_t file;
  std::uint32_t live;      ///< still mapped: stores since the last scan are unknown
  std::uint64_t address;   ///< in the process
  std::uint64_t from, to;  ///< bytes of the file
};

enum class What : std::uint32_t {
  called,      ///< bytes that a system call wrote
  stored,      ///< pages with at least one store
  may_store,   ///< pages that were mapped writable, with no way to see stores
  truncated,   ///< bytes that a truncation removed
  replaced,    ///< the file was replaced by rename
  moved_here,  ///< all bytes of a file that got its name by rename, if nobody is known to write it
  /// Bytes of system calls, rounded to pages because there were too many; or about there, because
  /// others moved the position of the descriptor or appended meanwhile.
  called_near,
};

/// How the file was locked.
enum class LockKind : std::uint32_t {
  none,
  own_bytes,  ///< fcntl: exactly the written bytes of the file itself
  bytes,      ///< fcntl: from lock_from to lock_to
  whole,      ///< flock
  semaphore,  ///< a named POSIX semaphore; a lock only if it starts with 1 (FileUse)
};

struct Range {
  std::uint64_t from, to;
  std::uint32_t session;
  What what;
  std::uint32_t lock;  ///< index of the file whose exclusive lock was held; kNone: none
  LockKind lock_kind = LockKind::none;
  std::uint64_t lock_from = 0, lock_to = 0;  ///< of LockKind::bytes, otherwise 0
};

struct Note {
  char text[480];
};

constexpr std::uint64_t whole_pages(std::uint64_t bytes) {
  return (bytes + 4095) / 4096 * 4096;
}
inline constexpr std::uint64_t kFilesAt = whole_pages(sizeof(Header));
inline constexpr std::uint64_t kSessionsAt = kFilesAt + whole_pages(sizeof(File) * kMostFiles);
inline constexpr std::uint64_t kMapsAt = kSessionsAt + whole_pages(sizeof(Session) * kMostSessions);
inline constexpr std::uint64_t kNotesAt = kMapsAt + whole_pages(sizeof(Map) * kMostMaps);
inline constexpr std::uint64_t kRangesAt = kNotesAt + whole_pages(sizeof(Note) * kMostNotes);
inline constexpr std::uint64_t kAreaBytes = sizeof(Range) * std::uint64_t{kMostRanges};
inline constexpr std::uint64_t kLogBytes = kRangesAt + 2 * kAreaBytes;
inline constexpr std::uint64_t kAreaBit = std::uint64_t{1} << 63;

}  // namespace npyrace::watch
