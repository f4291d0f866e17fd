#pragma once
// The collector: a library that is preloaded into foreign programs and logs which bytes and pages
// of the watched files they write. It uses the C library only (no symbol newer than glibc 2.17),
// starts no thread, and changes neither results nor errno.
//
// - open_calls.cpp, write_calls.cpp, stdio.cpp, lock_calls.cpp, semaphore_calls.cpp,
//   mapping_calls.cpp, process_calls.cpp and program_calls.cpp stand in front of libc's functions;
// - files.cpp: which files are watched, and which descriptor belongs to which;
// - mappings.cpp: stores into shared mappings;
// - log.cpp: the log file.
//
// All state is guarded by one lock. If a signal handler interrupts the collector while the lock is
// held, the handler's calls are passed on without being logged; a signal that ends the process is
// delayed until the lock is released.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "bench/watch/collector/log_format.h"

struct stat;

namespace npyrace::watch {

/// Exclusive access to the collector's state; restores errno. Check it after construction: without
/// access nothing may be logged.
class Guard {
 public:
  enum class In { own_process, child_of_vfork_too };
  explicit Guard(In where = In::own_process);
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  ~Guard();
  explicit operator bool() const { return entered_; }

 private:
  int errno_;
  bool entered_ = false;
};

/// Call before the process ends or calls exec, and again if exec failed.
void finish();
void resume();
/// Call when a child starts or has ended: earlier writes are then ordered before later ones. Also
/// called in a child of vfork, which shares the memory of its parent.
enum class Child { starts, has_ended };
void order_by_child(Child child);
/// What happened before the next write of this process, and what before the start of a child.
const Lineage& lineage();
Lineage lineage_of_child();
const Lineage& lineage_at_start();  ///< of this process

/// Called around fork, so that the child's copy of the state is consistent.
void hold_state();
void release_state();

/// True in a child of vfork, which shares the memory of its parent, and in a child of a bare clone.
bool in_foreign_process();
/// Process id of the process that owns this memory; differs from getpid() in a child of vfork.
pid_t own_process();
bool is_watching();

/// The collector's settings, from the environment at the start of the process.
struct Settings {
  char folder[4096] = {};
  char match[4096] = "*.npy";
  char stores[32] = {};
  char watcher[32] = {};
  char library[4096] = {};  ///< path of the collector
};
extern Settings settings;
/// Logs the last stores before a signal ends the process, unless the program handles it.
void expect_ending_signals();

Moment now();
Moment process_start();
/// System calls whose wrappers in libc are newer than glibc 2.17.
bool status_of(int descriptor, struct stat& status);
bool status_of(const char* path, struct stat& status);

/// Reads the beginning of a file as text that ends with NUL. Returns its length, 0 if it cannot be
/// read.
std::size_t read_text(const char* path, char* text, std::size_t room);
/// The first line of a file.
void read_line(const char* path, char* text, std::size_t room);
/// The number at the start of the text, which is moved behind it and a blank; 0: there is none.
/// (The headers of glibc 2.38 turn strtoll into a function that older ones do not have.)
std::int64_t next_number(const char*& text);
/// Moves a descriptor of the collector to a high number, so that the program gets the numbers that
/// it would get without the collector. Returns the new descriptor, or the old one if no number is
/// free.
int moved_up(int descriptor);
/// Size of the watched file that an open with these flags is about to truncate; 0 if there is none.
std::uint64_t size_before_open(int directory, const char* path, int flags);

/// When the file of `status` was created, in nanoseconds; 0: unknown, or the name is another
/// file's.
std::int64_t birth_of(int directory, const char* path, int lookup_flags, const struct stat& status);
/// Size of the file; 0 if the descriptor is no file.
std::int64_t size_of(int descriptor);
inline constexpr std::uint64_t kEnd = ~std::uint64_t{0};

// log.cpp

extern Header* log_header;  ///< null: the log is not open yet
bool open_log();            ///< false if no log can be made
bool is_log_descriptor(int descriptor);
void forget_log();  ///< in a child of fork
/// Call before the process ends or calls exec.
void end_log();
void resume_log();  ///< call if exec failed

struct Watched;
std::uint32_t log_file(const Watched& file);
void log_path(std::uint32_t file, const char* path);
void log_use(std::uint32_t file, FileUse use);
std::uint32_t log_session(const Session& session);
Session* session_in_log(std::uint32_t session);
Map* map_in_log(std::uint32_t map);
std::uint32_t log_map(const Map& map);
void log_range(const Range& range);
/// Logs a formatted line (as printf), each different line once.
void note(const char* format, ...) __attribute__((format(printf, 1, 2)));

// merge_ranges.cpp

/// True if the ranges are equal in everything but their place.
bool same_kind(const Range& a, const Range& b);
/// Sorts the ranges and merges those that touch. Returns the new number.
std::uint64_t merge_ranges(Range* ranges, std::uint64_t count);
/// Reduces the number of sorted ranges by rounding: first gives up exact bytes, then the order of
/// sessions, then locks, then exact pages. Returns the new number.
std::uint64_t make_coarse(Range* ranges, std::uint64_t count);

// files.cpp

struct Watched {
  std::uint64_t device, inode;
  std::int64_t born_ns;  ///< when it was created; 0: unknown. Inode numbers are used again
  std::int64_t file_system;
  std::uint32_t logged;       ///< index in the log; kNone: not in this process's log
  std::uint32_t session;      ///< in the log; kNone: nothing was written since `since`
  std::uint32_t last;         ///< its last session in the log
  std::uint32_t unreleased;   ///< as `last`, until no descriptor and no mapping is left
  std::uint32_t descriptors;  ///< number of open descriptors that are known
  std::uint32_t mappings;
  std::uint32_t open_flags;
  bool lock_only;
  bool shared;      ///< other processes may have copies of its descriptors
  Moment since;     ///< the first descriptor or mapping, or the last start or end of a child
  Moment acquired;  ///< the first descriptor or mapping
  char path[1024];
};

inline constexpr std::uint32_t kBoring = kNone;

/// False if the descriptor is known to be of no watched file. May be called without the lock.
bool may_be_watched(int descriptor);
/// The file of a descriptor if it is watched, else null. Caches the result.
Watched* watched_file(int descriptor);
/// The file of a descriptor for the purpose of locks: a watched file, or a lock file that is not
/// watched. Null if there is none.
Watched* known_file(int descriptor);
Watched* lockable_file(int descriptor);
/// The file of a path that is used as a lock only. Null if there is none.
Watched* lock_file_at(const char* path);
Watched* watched_at(std::uint32_t index);
std::uint32_t watched_count();
std::uint32_t index_of(const Watched& file);
/// Also true if this cannot be decided without the absolute path.
bool name_matches(const char* path);
/// Adds the file to the log unless it is there already. False if there is no log.
bool is_logged(Watched& file);

void descriptor_opened(int descriptor, int open_flags);
void descriptor_closed(int descriptor);
/// Call before a descriptor is closed. Returns its file for handle_dropped, which is called after
/// the close, because closing writes data back; null if the file is not watched.
Watched* descriptor_closing(int descriptor);
void descriptor_copied(int from, int to);
/// Ends the session if no descriptor and no mapping is left.
void handle_dropped(Watched& file);

/// Logs a write of the bytes [from, to) of the file.
void wrote(Watched& file, What what, std::uint64_t from, std::uint64_t to);
void synced(Watched& file);
/// Ends all sessions, because a child starts or has ended; later writes belong to new sessions.
void split_sessions();
void forget_sessions();  ///< in a child of fork

/// `moved`: the file that got the name; `replaced`: the one that had it; null: none.
void file_renamed(const struct stat& moved, std::int64_t born_ns, const char* to,
                  const struct stat* replaced);

// locks.cpp

enum class LockOwner {
  process,     ///< fcntl, lockf
  descriptor,  ///< fcntl with F_OFD_SETLK
  flock,
};
void lock_taken(int descriptor, LockOwner owner, std::uint64_t from, std::uint64_t to);
void lock_given_back(int descriptor, LockOwner owner, std::uint64_t from, std::uint64_t to);
void locks_of_closed(int descriptor);
void locks_of_copied(int descriptor, int copy);
void forget_all_locks();  ///< in a child of fork
/// The semaphore with this file was taken, or is about to be posted. False if this contradicts a
/// lock: the process holds it already, or does not hold it.
bool semaphore_taken(std::uint32_t file);
bool semaphore_given_back(std::uint32_t file);
/// When the youngest of the held locks was taken; 0: none is held. Without semaphores: whether they
/// exclude others is known only when all logs are read.
Moment locked_since();
/// Stores in the range the lock that was held during the write.
void enter_lock(Range& range, const Watched& file);

// killed_children.cpp

/// Call after a wait for a child: if a signal killed the child, writes the time of its end into its
/// log.
void child_ended(pid_t process, int status);

// mappings.cpp

void mapped(void* address, std::size_t bytes, bool writable, int descriptor, std::uint64_t offset);
/// Logs the stores to mappings in the range. Call before it is unmapped or mapped over, and
/// `unmapped` afterwards, if that succeeded.
void look_at_mappings_in(void* address, std::size_t bytes);
void unmapped(void* address, std::size_t bytes);
void made_writable(void* address, std::size_t bytes);
/// Call before mremap: forgets the mapping that contains the range, and returns it.
struct Moved {
  Watched* file;
  std::uint64_t offset;
  bool writable;
};
Moved moving(void* address, std::size_t bytes);
void moved(const Moved& from, void* address, std::size_t bytes);
/// Logs all stores since the last call.
void look_at_all_mappings();
/// As above, but at most once a second, so that little is lost if the process is killed.
void look_now_and_then();
void flushed(void* address, std::size_t bytes);
/// Call before pages are dropped from a mapping.
void dropping_pages();
/// Logs that the pages were removed from their file, which then reads zeros there.
void emptied_pages(void* address, std::size_t bytes);
void watch_mappings_again();  ///< in a child of fork
bool is_protector(int descriptor);

}  // namespace npyrace::watch
