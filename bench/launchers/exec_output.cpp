#include "bench/launchers/exec_output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "core/error.h"

namespace npyrace {
namespace {

std::string new_name(const char* pattern) {
  return (std::filesystem::temp_directory_path() / pattern).string();
}

}  // namespace

PrivateFolder::PrivateFolder() {
  std::string name = new_name("npyrace-exec-XXXXXX");
  if (::mkdtemp(name.data()) == nullptr) throw SystemError({name, "mkdtemp"}, errno);
  path_ = name;
}

PrivateFolder::~PrivateFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string last_line(const std::string& path) {
  std::ifstream file(path);
  std::string last;
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) last = line;
  return last;
}

std::string keep_output(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (std::ranges::count(text, '\n') < 2) return "";
  std::string kept = new_name("npyrace-output-XXXXXX");
  const int descriptor = ::mkstemp(kept.data());
  if (descriptor < 0) return "";
  ::close(descriptor);
  std::ofstream copy(kept, std::ios::binary);
  copy << text;
  copy.close();
  if (copy) return kept;
  ::unlink(kept.c_str());
  return "";
}

}  // namespace npyrace
