#include "bench/launchers/exec_output.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace npyrace {
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
  std::string kept = (std::filesystem::temp_directory_path() / "npyrace-output-XXXXXX").string();
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
