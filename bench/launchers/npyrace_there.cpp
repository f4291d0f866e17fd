#include "bench/launchers/npyrace_there.h"

#include <filesystem>

#include "bench/launchers/child_process.h"

namespace npyrace {

std::string npyrace_there(const std::string& typed) {
  if (!typed.empty()) return typed;
  std::error_code error;
  const auto path = std::filesystem::read_symlink(kOwnBinary, error);
  return error ? "npyrace" : path.string();
}

}  // namespace npyrace
