#include "core/os/temporary_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

#include "core/base/error.h"

namespace npyrace {

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

TemporaryFolder::TemporaryFolder(const std::string& purpose) {
  std::string name = temporary_folder() + "/npyrace-" + purpose + "-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw SystemError({name, "mkdtemp"}, errno);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace npyrace
