#pragma once
// The collector: a library that is preloaded into foreign programs and logs which bytes and pages
// of the watched files they write. It uses the C library only (no symbol newer than glibc 2.17),
// starts no thread, and changes neither results nor errno.
//
// - calls.cpp, stdio.cpp, mapping_calls.cpp, process_calls.cpp and program_calls.cpp stand in front
//   of libc's functions;
// - files.cpp: which files are watched, and which descriptor belongs to which;
// - mappings.cpp: stores into shared mappings;
// - log.cpp: the log file.
//
// All state is guarded by one lock. A signal handler that interrupts us while we hold it passes
// through without being logged; a signal that ends the process waits until we give it back.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "bench/watch/collector/log_format.h"

struct stat;

namespace npyrace::watch {

/// Exclusive access to the collector's state, with errno kept. Check it: without access nothing may
/// be logged.
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

/// Before the process ends or becomes another program, and if it did not after all.
void finish();
void resume();
/// A child starts or has ended: what was written until now is ordered before what is written from
/// now on. Also called in a child of vfork, which shares our memory.
void order_by_child();

/// Around fork: the child's state must be whole.
void hold_state();
void release_state();

/// True in a child of vfork, which shares our memory, and in a child of a bare clone.
bool in_foreign_process();
/// The process to which our memory belongs.
pid_t own_process();
bool is_watching();

/// From the environment, as it was at the start.
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
/// Moves a descriptor of ours to a number that programs rarely use, so that theirs stay as they
/// would be. Closes it and returns the new one; the same if there is none.
int moved_up(int descriptor);
/// Size of a watched file that an open with these flags is about to empty; 0: it empties none.
std::uint64_t size_before_open(int directory, const char* path, int flags);

/// Size of the file, 0 if it is none.
std::int64_t size_of(int descriptor);
inline constexpr std::uint64_t kEnd = ~std::uint64_t{0};

// log.cpp

extern Header* log_header;  ///< null: no log yet
bool open_log();            ///< false if there can be none
bool is_log_descriptor(int descriptor);
void forget_log();  ///< in a child of fork
/// The process ends, or becomes another program.
void end_log();
void resume_log();  ///< it did not, after all

std::uint32_t log_file(const struct stat& status, std::int64_t file_system, bool lock_only,
                       const char* path);
void log_path(std::uint32_t file, const char* path);
std::uint32_t log_session(const Session& session);
Session* session_in_log(std::uint32_t session);
Map* map_in_log(std::uint32_t map);
std::uint32_t log_map(const Map& map);
void log_range(const Range& range);
/// Formats as printf does. The same text is logged once.
void note(const char* format, ...) __attribute__((format(printf, 1, 2)));

// merge_ranges.cpp

/// Everything but the place is equal.
bool same_kind(const Range& a, const Range& b);
/// Sorts, and merges ranges that touch. Returns the new number.
std::uint64_t merge_ranges(Range* ranges, std::uint64_t count);
/// Makes few of sorted ranges: gives up exact bytes first, then the order of sessions, then locks,
/// then exact pages. Returns the new number.
std::uint64_t make_coarse(Range* ranges, std::uint64_t count);

// files.cpp

struct Watched {
  std::uint64_t device, inode;
  std::int64_t file_system;
  std::uint32_t logged;       ///< index in the log; kNone: not in this process's log
  std::uint32_t session;      ///< in the log; kNone: nothing written since `since`
  std::uint32_t last;         ///< its last session in the log
  std::uint32_t unreleased;   ///< the same, until no descriptor and no mapping is left
  std::uint32_t descriptors;  ///< open ones that are known
  std::uint32_t mappings;
  std::uint32_t open_flags;
  bool lock_only;
  bool since_child;  ///< `since` is the start or the end of a child
  Moment since;      ///< the first descriptor or mapping, or the last start or end of a child
  Moment acquired;   ///< the first descriptor or mapping
  char path[1024];
};

inline constexpr std::uint32_t kBoring = kNone;

/// The file behind a descriptor if it is watched, else null. Remembers the answer.
Watched* watched_file(int descriptor);
/// The file behind a descriptor if it is known, and if it is a file that can be locked: as well
/// files of which only the locks matter. Otherwise null.
Watched* known_file(int descriptor);
Watched* lockable_file(int descriptor);
Watched* watched_at(std::uint32_t index);
std::uint32_t watched_count();
std::uint32_t index_of(const Watched& file);
/// Also true if only the absolute path could tell.
bool name_matches(const char* path);
/// Adds the file to the log, if it is not there yet; false: there is no log.
bool is_logged(Watched& file);

void descriptor_opened(int descriptor, int open_flags);
void descriptor_closed(int descriptor);
/// Before a descriptor is closed: returns its file, for handle_dropped when it is closed, because
/// closing writes data back. Null: it is not watched.
Watched* descriptor_closing(int descriptor);
void descriptor_copied(int from, int to);
/// Ends the session if no handle is left.
void handle_dropped(Watched& file);

/// A write at [from, to) of the file.
void wrote(Watched& file, What what, std::uint64_t from, std::uint64_t to);
void synced(Watched& file);
/// Ends all sessions, because a child starts or has ended; what follows belongs to new ones.
void split_sessions();
void forget_sessions();  ///< in a child of fork

void file_renamed(const char* to, const struct stat* replaced);

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
/// Enters the lock that was held while the range was written.
void enter_lock(Range& range, const Watched& file);

// killed_children.cpp

/// After a child was waited for: enters its end into its log if a signal has ended it.
void child_ended(pid_t process, int status);

// mappings.cpp

void mapped(void* address, std::size_t bytes, bool writable, int descriptor, std::uint64_t offset);
/// Before the range is unmapped, mapped over, or moved.
void unmapping(void* address, std::size_t bytes);
void made_writable(void* address, std::size_t bytes);
/// Before mremap: forgets the mapping that contains the range and says what it was.
struct Moved {
  Watched* file;
  std::uint64_t offset;
  bool writable;
};
Moved moving(void* address, std::size_t bytes);
void moved(const Moved& from, void* address, std::size_t bytes);
/// Logs all stores since the last look.
void look_at_all_mappings();
void look_at_mappings_of(const Watched& file);
/// The same at most once a second, so that a process that is killed has lost little.
void look_now_and_then();
void flushed(void* address, std::size_t bytes);
/// Before pages are dropped from a mapping.
void dropping_pages();
void watch_mappings_again();  ///< in a child of fork
bool is_protector(int descriptor);

}  // namespace npyrace::watch
