#include "bench/race/file_identity.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace npyrace {

// While it is held its number cannot go to another file, and where a file system makes numbers up
// as it goes it does not change. O_PATH is no opening: no page is read, no lease broken.
FileIdentity::FileIdentity(std::string path, std::uint64_t size_bytes)
    : path_(std::move(path)),
      size_bytes_(size_bytes),
      descriptor_(::open(path_.c_str(), O_PATH | O_CLOEXEC)) {
  if (descriptor_ < 0) throw SystemError({path_, "open O_PATH"}, errno);
}

FileIdentity::~FileIdentity() {
  forget();
}

void FileIdentity::forget() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

std::string FileIdentity::stranger() const {
  struct stat named {};
  struct stat held {};
  if (::stat(path_.c_str(), &named) != 0)
    return errno == ENOENT ? "was removed"
                           : fmt::format("cannot be looked at: {}", ::strerror(errno));
  if (::fstat(descriptor_, &held) != 0)  // NFS: ESTALE, of a file that is gone
    return errno == ESTALE ? "was replaced by another file"
                           : fmt::format("cannot be looked at: {}", ::strerror(errno));
  const bool same = named.st_dev == held.st_dev && named.st_ino == held.st_ino;
  return same ? "" : "was replaced by another file";
}

std::string FileIdentity::resized(const std::string& path) const {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return "";
  const auto size_bytes = static_cast<std::uint64_t>(status.st_size);
  if (size_bytes == size_bytes_) return "";
  return fmt::format("{} {} bytes", size_bytes < size_bytes_ ? "was truncated to" : "has grown to",
                     size_bytes);
}

}  // namespace npyrace
