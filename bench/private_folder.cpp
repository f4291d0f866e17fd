#include "bench/private_folder.h"

#include <cerrno>
#include <cstdlib>

#include "core/error.h"
#include "core/temporary_folder.h"

namespace npyrace {

PrivateFolder::PrivateFolder(const std::string& purpose) {
  std::string name = temporary_folder() + "/npyrace-" + purpose + "-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw SystemError({name, "mkdtemp"}, errno);
  path_ = name;
}

PrivateFolder::~PrivateFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace npyrace
