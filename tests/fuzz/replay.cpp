// Reads all inputs of all targets once, without a fuzzer: replay FOLDER…, with a subfolder for each
// target.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/targets.h"

int main(int count, char** folders) {
  namespace fs = std::filesystem;
  for (const auto& target : npyrace::fuzz::targets()) {
    int inputs = 0;
    for (int i = 1; i < count; ++i) {
      const fs::path folder = fs::path(folders[i]) / target.name;
      if (!fs::exists(folder)) continue;
      for (const auto& entry : fs::directory_iterator(folder)) {
        std::printf("%s\n", entry.path().c_str());  // the last line names an input that ends it
        std::fflush(stdout);
        std::ifstream file(entry.path(), std::ios::binary);
        target.read({std::istreambuf_iterator<char>(file), {}});
        ++inputs;
      }
    }
    if (inputs == 0) {
      std::printf("no input for target %s\n", target.name);
      return 1;
    }
  }
  return 0;
}
