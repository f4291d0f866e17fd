#include "core/posix_file.h"

#include <sys/stat.h>

#include <cstring>
#include <vector>

#include "core/error.h"
#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using npyrace::testing::TemporaryFolder;

namespace {

std::vector<std::byte> bytes_of(const char* text) {
  std::vector<std::byte> bytes(std::strlen(text));
  std::memcpy(bytes.data(), text, bytes.size());
  return bytes;
}

std::unique_ptr<File> create(const std::string& path) {
  return open_posix_file(path, {.access = Access::read_write, .create_new = true});
}

}  // namespace

TEST_CASE("an existing file is never overwritten", "[file]") {
  const TemporaryFolder folder;
  create(folder.file("a"));
  CHECK_THROWS_WITH(create(folder.file("a")), folder.file("a") + ": open: File exists");
}

TEST_CASE("reading stops at the end of the file and says how much there was", "[file]") {
  const TemporaryFolder folder;
  const auto file = create(folder.file("a"));
  file->write_at(bytes_of("hello"), 3);
  std::vector<std::byte> buffer(100);
  CHECK(file->read_at(buffer, 0) == 8);
  CHECK(file->read_at(buffer, 8) == 0);
  CHECK(file->size_bytes() == 8);
}

TEST_CASE("a mapping begins at the byte asked for, not at its page", "[file]") {
  const TemporaryFolder folder;
  const auto file = create(folder.file("a"));
  file->allocate(3 * page_bytes());
  const std::uint64_t offset_bytes = page_bytes() + 17;
  auto mapping = file->map({.offset_bytes = offset_bytes, .size_bytes = 5, .writable = true});
  REQUIRE(mapping->bytes().size() == 5);
  std::memcpy(mapping->bytes().data(), "hello", 5);
  mapping->sync();
  mapping->unmap();
  std::vector<std::byte> buffer(5);
  file->read_at(buffer, offset_bytes);
  CHECK(buffer == bytes_of("hello"));
}

TEST_CASE("a copy-on-write mapping leaves the file alone", "[file]") {
  const TemporaryFolder folder;
  const auto file = create(folder.file("a"));
  file->write_at(bytes_of("hello"), 0);
  auto mapping = file->map({.size_bytes = 5, .writable = true, .sharing = Sharing::copy_on_write});
  mapping->bytes()[0] = std::byte{'J'};
  mapping->unmap();
  std::vector<std::byte> buffer(5);
  file->read_at(buffer, 0);
  CHECK(buffer == bytes_of("hello"));
}

TEST_CASE("allocated bytes are on the disk, not only in the size", "[file]") {
  const TemporaryFolder folder;
  create(folder.file("a"))->allocate(1 << 20);
  struct stat status {};
  REQUIRE(::stat(folder.file("a").c_str(), &status) == 0);
  CHECK(status.st_size == 1 << 20);
  CHECK(status.st_blocks * 512 >= 1 << 20);
}

TEST_CASE("what is not a regular file is refused at once", "[file]") {
  const TemporaryFolder folder;
  REQUIRE(::mkfifo(folder.file("fifo").c_str(), 0600) == 0);
  CHECK_THROWS_AS(open_posix_file(folder.file("fifo"), {}), FormatError);
  CHECK_THROWS_AS(open_posix_file("/dev/zero", {}), FormatError);
  CHECK_THROWS_WITH(open_posix_file(folder.path(), {}), folder.path() + ": open: Is a directory");
  CHECK_THROWS_WITH(open_posix_file(folder.file("none"), {}),
                    folder.file("none") + ": open: No such file or directory");
}
