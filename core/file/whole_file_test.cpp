#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using npyrace::testing::TemporaryFolder;

namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::ptrdiff_t files_in(const TemporaryFolder& folder) {
  return std::distance(std::filesystem::directory_iterator(folder.path()), {});
}

}  // namespace

TEST_CASE("what a killed process with our number has left is in no one's way", "[whole-file]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.json");
  std::ofstream(path + ".npyrace-" + std::to_string(::getpid())) << "left";
  write_file_atomically(path, "new");
  CHECK(read_text_file(path) == "new");
}

TEST_CASE("a file is replaced atomically and no temporary file is left", "[whole-file]") {
  const TemporaryFolder folder;
  write_file_atomically(folder.file("a.json"), std::string(100000, 'x'));
  write_file_atomically(folder.file("a.json"), "new");
  CHECK(content_of(folder.file("a.json")) == "new");
  CHECK(files_in(folder) == 1);
}

TEST_CASE("the old file stays if the new one cannot be written", "[whole-file]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.file("folder"));
  std::ofstream(folder.file("folder/x")) << "x";
  CHECK_THROWS_AS(write_file_atomically(folder.file("folder"), "new"), SystemError);
  CHECK_THROWS_AS(write_file_atomically(folder.file("none/a.json"), "new"), SystemError);
  CHECK(files_in(folder) == 1);
}

TEST_CASE("a device or pipe is written to and never replaced", "[whole-file]") {
  write_file_atomically("/dev/null", "text");
  CHECK(std::filesystem::is_character_file("/dev/null"));
  CHECK_THROWS_AS(write_file_atomically("/dev/full", "text"), SystemError);
}
