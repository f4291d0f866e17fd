#pragma once
// Decides from the file of a program whether the program can be watched. Uses the C library only,
// because the collector includes it.

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace npyrace::watch {

/// True for a dynamic loader of another C library (musl), which cannot load the collector.
inline bool is_foreign_loader(const char* interpreter) {
  return strstr(interpreter, "ld-linux") == nullptr;
}

/// True for programs with Go's runtime, which makes system calls without libc even if it is linked
/// dynamically.
inline bool is_note_of_go(int file, std::uint64_t offset_bytes) {
  struct {
    std::uint32_t name_bytes, content_bytes, type;
    char name[4];
  } note;
  return syscall(SYS_pread64, file, &note, sizeof note, offset_bytes) == sizeof note &&
         note.name_bytes == 4 && memcmp(note.name, "Go\0", 4) == 0;
}

/// Reason why the collector cannot see the writes of a 64-bit ELF program; null if it can.
inline const char* obstacle_in_elf(int file, const Elf64_Ehdr& header) {
  const char* obstacle = "a static binary";
  for (int i = 0; i < header.e_phnum && i < 64; ++i) {
    Elf64_Phdr part;
    const auto at = header.e_phoff + static_cast<std::uint64_t>(i) * sizeof part;
    if (syscall(SYS_pread64, file, &part, sizeof part, at) != sizeof part) return nullptr;
    if (part.p_type == PT_NOTE && is_note_of_go(file, part.p_offset)) return "a Go program";
    if (part.p_type != PT_INTERP) continue;
    char interpreter[256] = {};
    syscall(SYS_pread64, file, interpreter, sizeof interpreter - 1, part.p_offset);
    obstacle = is_foreign_loader(interpreter) ? "a program of another C library" : nullptr;
  }
  return obstacle;
}

/// Reason why the collector is not loaded into the program at `path`; null if it is loaded or if
/// this cannot be decided.
inline const char* obstacle_to_watching(const char* path) {
  struct stat status;
  if (syscall(SYS_newfstatat, AT_FDCWD, path, &status, 0) != 0) return nullptr;
  if ((status.st_mode & S_ISUID) != 0 && status.st_uid != geteuid()) return "a set-uid program";
  if ((status.st_mode & S_ISGID) != 0 && status.st_gid != getegid()) return "a set-gid program";
  const int file = static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
  if (file < 0) return nullptr;
  const char* result = nullptr;
  Elf64_Ehdr header;
  if (syscall(SYS_pread64, file, &header, sizeof header, 0) == sizeof header &&
      memcmp(header.e_ident, ELFMAG, SELFMAG) == 0)
    result =
        header.e_ident[EI_CLASS] == ELFCLASS64 ? obstacle_in_elf(file, header) : "a 32-bit program";
  syscall(SYS_close, file);
  return result;
}

/// Writes the path that exec would use for `name`: `name` itself if it has a slash, else the first
/// match in PATH. False if there is none or if it is too long.
inline bool find_program(const char* name, char* path, std::size_t room) {
  const auto fits = [&](int length) {
    return length > 0 && static_cast<std::size_t>(length) < room;
  };
  if (strchr(name, '/') != nullptr) return fits(snprintf(path, room, "%s", name));
  const char* folders = getenv("PATH");
  if (folders == nullptr) folders = "/usr/bin:/bin";
  while (folders != nullptr && *folders != 0) {
    const char* const end = strchr(folders, ':');
    const auto length = static_cast<int>(end == nullptr ? strlen(folders)
                                                        : static_cast<std::size_t>(end - folders));
    if (fits(snprintf(path, room, "%.*s/%s", length, folders, name)) && access(path, X_OK) == 0)
      return true;
    folders = end == nullptr ? nullptr : end + 1;
  }
  return false;
}

}  // namespace npyrace::watch
