#include "bench/lab/folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include "core/base/error.h"
#include "core/base/print.h"
#include "core/os/process.h"
#include "core/os/temporary_folder.h"

namespace npyrace::lab {
namespace {

/// Decodes \ooo, by which mountinfo escapes blanks and backslashes.
std::string unescaped(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      plain += static_cast<char>(std::stoi(text.substr(i + 1, 3), nullptr, 8));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

}  // namespace

std::vector<std::string> mounts_below(const std::string& folder) {
  std::vector<std::string> mounts;
  std::ifstream table("/proc/self/mountinfo");
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::string skipped;
    std::string point;
    fields >> skipped >> skipped >> skipped >> skipped >> point;
    point = unescaped(point);
    if (point == folder || point.starts_with(folder + "/")) mounts.push_back(point);
  }
  std::reverse(mounts.begin(), mounts.end());  // later mounts may lie on earlier ones
  return mounts;
}

void unmount(const std::string& path) {
  // MNT_FORCE aborts pending operations, which would keep the file system alive.
  for (const int force : {int{MNT_FORCE}, 0})  // root in a container may lack that permission
    if (::umount2(path.c_str(), force | MNT_DETACH | UMOUNT_NOFOLLOW) == 0) return;
  const auto child = spawn({.arguments = {"fusermount3", "-u", "-z", "-q", path}, .output = kNull});
  if (child) wait_for_exit(*child);
}

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNamePrefix = "npyrace-lab-";
constexpr std::string_view kOwnerMark = "This directory is a lab of npyrace.\n";

std::string owner_path(const std::string& folder) {
  return folder + "/owner";
}

std::string place_of_labs() {
  return fs::canonical(temporary_folder()).string();
}

/// Creates `owner` and locks it. The lock shows whether the lab is alive, also between containers
/// that share the directory, where process ids would be ambiguous.
int create_owner(const std::string& folder) {
  const std::string path = owner_path(folder);
  const int owner = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (owner < 0) throw SystemError({path, "open"}, errno);
  if (::flock(owner, LOCK_EX | LOCK_NB) != 0) throw SystemError({path, "flock"}, errno);
  const std::string text =
      fmt::format("{}Process {} created it and removes it at its end.\n", kOwnerMark, ::getpid());
  if (::write(owner, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw SystemError({path, "write"}, errno);
  return owner;
}

void make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0) throw SystemError({path, "mkdir"}, errno);
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

void tidy_if_dead(const std::string& folder) {
  if (!is_our_directory(folder)) return;
  const int owner = ::open(owner_path(folder).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (owner < 0) return;
  if (has_mark(owner) && ::flock(owner, LOCK_EX | LOCK_NB) == 0) {
    const std::string trouble = remove_lab_folder(folder);
    print_note("npyrace: {} (a lab that was killed): {}\n", folder,
               trouble.empty() ? "removed" : trouble);
  }
  ::close(owner);
}

}  // namespace

LabFolder::LabFolder() {
  std::string name = place_of_labs() + "/" + std::string(kNamePrefix) + "XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw SystemError({name, "mkdtemp"}, errno);
  path_ = name;
  try {
    owner_ = create_owner(path_);
    make_directory(store());
  } catch (const std::exception&) {
    remove_lab_folder(path_);
    if (owner_ >= 0) ::close(owner_);
    throw;
  }
}

LabFolder::~LabFolder() {
  const std::string trouble = remove_lab_folder(path_);
  if (!trouble.empty()) print_note("npyrace: {}: {}\n", path_, trouble);
  ::close(owner_);
}

std::string LabFolder::mount(unsigned node) const {
  return fmt::format("{}/n{}", path_, node + 1);
}

std::string remove_lab_folder(const std::string& path) {
  for (const std::string& mount : mounts_below(path)) unmount(mount);
  if (const auto left = mounts_below(path); !left.empty())
    return fmt::format("{} is still mounted; unmount it and remove the directory", left.front());
  std::error_code error;
  fs::remove_all(path, error);
  return error ? "cannot be removed: " + error.message() : "";
}

void tidy_dead_labs() {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(place_of_labs(), error))
    if (entry.path().filename().string().starts_with(kNamePrefix)) tidy_if_dead(entry.path());
}

}  // namespace npyrace::lab
