#include <filesystem>
#include <fstream>

#include "bench/storage/race_file.h"
#include "core/base/error.h"
#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using npyrace::testing::TemporaryFolder;

namespace {

struct Given {
  TemporaryFolder folder;
  std::string path = folder.file("a.npy");
  Given() { std::ofstream(path) << "12345"; }
};

}  // namespace

TEST_CASE("a file that was only written keeps its identity", "[file-identity]") {
  const Given given;
  const FileIdentity identity(given.path, 5);
  std::ofstream(given.path, std::ios::trunc) << "54321";
  CHECK(identity.replacement_error().empty());
  CHECK(identity.resized(given.path).empty());
}

TEST_CASE("another file under the same name has another identity, even of the same size",
          "[file-identity]") {
  const Given given;
  const FileIdentity identity(given.path, 5);
  std::filesystem::copy_file(given.path, given.folder.file("b.npy"));
  std::filesystem::rename(given.folder.file("b.npy"), given.path);
  CHECK(identity.replacement_error() == "was replaced by another file");
}

TEST_CASE("a removed file and a recreated file are distinguished", "[file-identity]") {
  const Given given;
  const FileIdentity identity(given.path, 5);
  std::filesystem::remove(given.path);
  CHECK(identity.replacement_error() == "was removed");
  std::ofstream(given.path) << "12345";
  CHECK(identity.replacement_error() == "was replaced by another file");
}

TEST_CASE("a changed size is reported with the size", "[file-identity]") {
  const Given given;
  const FileIdentity identity(given.path, 5);
  std::filesystem::resize_file(given.path, 3);
  CHECK(identity.resized(given.path) == "was truncated to 3 bytes");
  std::filesystem::resize_file(given.path, 8);
  CHECK(identity.resized(given.path) == "has grown to 8 bytes");
  CHECK(identity.replacement_error().empty());
}

TEST_CASE("the identity of a missing file is an error", "[file-identity]") {
  const Given given;
  CHECK_THROWS_AS(FileIdentity(given.folder.file("none"), 5), SystemError);
}
