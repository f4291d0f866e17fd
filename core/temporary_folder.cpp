#include "core/temporary_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

#include "core/error.h"

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

}  // namespace npyrace
