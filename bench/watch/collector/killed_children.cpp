// A process that is killed cannot log its end. The parent that waits for it does so in its place.

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/watch/collector/collector.h"

namespace npyrace::watch {
namespace {

/// An entry of a directory, as the system call getdents64 returns it; opendir would allocate
/// memory.
struct DirectoryEntry {
  std::uint64_t inode;
  std::int64_t offset;
  unsigned short entry_bytes;
  unsigned char type;
  char name[];
};

bool can_be_log_of(const char* name, pid_t process) {
  char part[32];
  snprintf(part, sizeof part, "-%d-", process);
  return strstr(name, part) != nullptr && strstr(name, kLogSuffix) != nullptr;
}

void enter_end(int folder, const char* name, pid_t process) {
  const int log = static_cast<int>(
      syscall(SYS_openat, folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (log < 0) return;
  Header header;
  char boot[sizeof header.boot_id] = {};
  read_line("/proc/sys/kernel/random/boot_id", boot, sizeof boot);
  const bool is_read = syscall(SYS_pread64, log, &header, sizeof header, 0) == sizeof header;
  if (is_read && header.magic == kMagic && header.pid == process && header.ended_ns == 0 &&
      header.killed.real_ns == 0 && memcmp(header.boot_id, boot, sizeof boot) == 0) {
    const Moment time = now();
    syscall(SYS_pwrite64, log, &time, sizeof time, offsetof(Header, killed));
  }
  syscall(SYS_close, log);
}

}  // namespace

void child_ended(pid_t process, int status) {
  if (!WIFSIGNALED(status)) return;
  const int folder = static_cast<int>(
      syscall(SYS_openat, AT_FDCWD, settings.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder < 0) return;
  alignas(DirectoryEntry) char entries[8192];
  for (long bytes; (bytes = syscall(SYS_getdents64, folder, entries, sizeof entries)) > 0;)
    for (long at = 0; at < bytes;) {
      const auto& entry = *reinterpret_cast<const DirectoryEntry*>(entries + at);
      if (can_be_log_of(entry.name, process)) enter_end(folder, entry.name, process);
      at += entry.entry_bytes;
    }
  syscall(SYS_close, folder);
}

}  // namespace npyrace::watch
