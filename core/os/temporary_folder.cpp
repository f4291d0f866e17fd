#include "core/os/temporary_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "core/base/error.h"
#include "core/base/print.h"

namespace npyrace {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOwnerMark = "This is a temporary folder of npyrace.\n";

std::string owner_path(const std::string& folder) {
  return folder + "/owner";
}

/// Creates and locks the file `owner`. The mark is written only under the lock, because some file
/// systems have no locks; a folder without the mark is not removed by later runs.
Descriptor create_owner(const std::string& folder) {
  const std::string path = owner_path(folder);
  Descriptor owner(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!owner) throw SystemError({path, "open"}, errno);
  if (::flock(owner.number(), LOCK_EX | LOCK_NB) != 0) return owner;
  const std::string text =
      fmt::format("{}Process {} created it and removes it at its end.\n", kOwnerMark, ::getpid());
  if (::write(owner.number(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw SystemError({path, "write"}, errno);
  return owner;
}

/// True for a directory (no symbolic link) owned by this user.
bool is_our_directory(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
         status.st_uid == ::geteuid();
}

bool has_mark(int owner) {
  std::array<char, kOwnerMark.size()> text{};
  const ssize_t got = ::pread(owner, text.data(), text.size(), 0);
  return got == static_cast<ssize_t>(text.size()) &&
         std::string_view(text.data(), text.size()) == kOwnerMark;
}

void tidy_if_dead(const std::string& folder, TemporaryFolder::Remove remove) {
  if (!is_our_directory(folder)) return;
  const Descriptor owner(
      ::open(owner_path(folder).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!owner || !has_mark(owner.number())) return;
  if (::flock(owner.number(), LOCK_EX | LOCK_NB) != 0) return;
  const std::string trouble = remove(folder);
  print_note("npyrace: {} (left by a process that was killed): {}\n", folder,
             trouble.empty() ? "removed" : trouble);
}

void tidy(const std::string& place, const std::string& prefix, TemporaryFolder::Remove remove) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(place, error))
    if (entry.path().filename().string().starts_with(prefix)) tidy_if_dead(entry.path(), remove);
}

}  // namespace

std::string temporary_folder() {
  const char* said = std::getenv("TMPDIR");
  const bool is_said = said != nullptr && *said != '\0';
  const std::string path = is_said ? said : "/tmp";
  struct stat status {};
  const bool there = ::stat(path.c_str(), &status) == 0;
  if (there && S_ISDIR(status.st_mode)) return path;
  throw SystemError({is_said ? fmt::format("TMPDIR={}", path) : path, "folder for temporary files"},
                    there ? ENOTDIR : errno);
}

std::string remove_folder(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  return error ? "cannot be removed: " + error.message() : "";
}

TemporaryFolder::TemporaryFolder(const std::string& purpose, Remove remove) : remove_(remove) {
  const std::string place = fs::canonical(temporary_folder()).string();
  const std::string prefix = "npyrace-" + purpose + "-";
  tidy(place, prefix, remove);
  path_ = place + "/" + prefix + "XXXXXX";
  if (::mkdtemp(path_.data()) == nullptr) throw SystemError({path_, "mkdtemp"}, errno);
  try {
    owner_ = create_owner(path_);
  } catch (const SystemError&) {
    remove(path_);
    throw;
  }
}

TemporaryFolder::~TemporaryFolder() {
  const std::string trouble = remove_(path_);
  if (!trouble.empty()) print_note("npyrace: {}: {}\n", path_, trouble);
}

}  // namespace npyrace
