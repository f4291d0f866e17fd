#include "bench/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <span>

#include "core/error.h"
#include "core/posix_file.h"

namespace npyrace {
namespace {

bool is_special(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

void write_directly(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text << std::flush;
  if (!file) throw SystemError({path, "write"}, errno != 0 ? errno : EIO);
}

}  // namespace

void write_whole_file(const std::string& path, const std::string& text) {
  if (is_special(path)) return write_directly(path, text);
  const std::string temporary = path + ".npyrace-" + std::to_string(::getpid());
  try {
    const auto file = open_posix_file(temporary, {.access = Access::write, .create_new = true});
    file->write_at(std::as_bytes(std::span(text)), 0);
    file->sync();
    file->close();
    if (::rename(temporary.c_str(), path.c_str()) != 0) throw SystemError({path, "rename"}, errno);
  } catch (const SystemError&) {
    ::unlink(temporary.c_str());
    throw;
  }
}

}  // namespace npyrace
