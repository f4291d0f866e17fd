#include "core/file/posix_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "core/base/checked.h"
#include "core/base/error.h"
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

TEST_CASE("reading stops at the end of the file and returns the number of bytes read", "[file]") {
  const TemporaryFolder folder;
  const auto file = create(folder.file("a"));
  file->write_at(bytes_of("hello"), 3);
  std::vector<std::byte> buffer(100);
  CHECK(file->read_at(buffer, 0) == 8);
  CHECK(file->read_at(buffer, 8) == 0);
  CHECK(file->size_bytes() == 8);
}

TEST_CASE("an attribute that a file does not have is empty", "[file]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("a");
  create(path);
  CHECK(attribute_of(path, "user.npyrace").empty());
  CHECK(attribute_of(path, "lustre.lov").empty());
  CHECK_THROWS_WITH(attribute_of(folder.file("b"), "user.npyrace"),
                    folder.file("b") + ": getxattr: No such file or directory");
  if (::setxattr(path.c_str(), "user.npyrace", "a\0b", 3, 0) != 0) {
    WARN("not tried: setxattr: " << std::strerror(errno));
    return;
  }
  const auto value = attribute_of(path, "user.npyrace");
  REQUIRE(value.size() == 3);
  CHECK(std::memcmp(value.data(), "a\0b", 3) == 0);
}

TEST_CASE("a mapping starts at the requested byte, not at the start of its page", "[file]") {
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

TEST_CASE("cached bytes are counted in all parts of a file larger than a part", "[file]") {
  const TemporaryFolder folder;
  const auto file =
      open_posix_file(folder.file("a"), {.access = Access::read_write, .create_new = true});
  const std::vector<std::byte> page(page_bytes());
  constexpr std::uint64_t kApartBytes = 100 << 20;
  for (std::uint64_t i = 0; i < 3; ++i) file->write_at(page, i * kApartBytes);
  const auto cached = file->cached_bytes();
  REQUIRE(cached);
  CHECK(*cached >= 3 * page.size());
  CHECK(*cached < kApartBytes);
}

TEST_CASE("a size that does not fit into memory is an error, and is never cut", "[file]") {
  constexpr std::uint64_t kLarge = (std::uint64_t{9} << 40) + 1;
  if (sizeof(std::size_t) == 8)
    CHECK(as_size(kLarge) == kLarge);
  else
    CHECK_THROWS_AS(as_size(kLarge), FormatError);
  CHECK(as_size(0xffffffff) == 0xffffffff);
}

TEST_CASE("a file that is not regular is refused without blocking", "[file]") {
  const TemporaryFolder folder;
  REQUIRE(::mkfifo(folder.file("fifo").c_str(), 0600) == 0);
  CHECK_THROWS_AS(open_posix_file(folder.file("fifo"), {}), FormatError);
  CHECK_THROWS_AS(open_posix_file("/dev/zero", {}), FormatError);
  CHECK_THROWS_WITH(open_posix_file(folder.path(), {}), folder.path() + ": open: Is a directory");
  CHECK_THROWS_WITH(open_posix_file(folder.file("none"), {}),
                    folder.file("none") + ": open: No such file or directory");
}

TEST_CASE("a queue writes each item to its offset, for any number and size", "[file]") {
  const TemporaryFolder folder;
  const auto file = create(folder.file("a"));
  std::unique_ptr<WriteQueue> queue;
  try {
    queue = file->write_queue();
  } catch (const SystemError& error) {
    WARN("not tried: " << error.what());
    return;
  }
  constexpr std::uint64_t kCount = 3000, kStep = 100;
  std::vector<std::byte> expected(static_cast<std::size_t>(kCount * kStep));
  for (std::uint64_t i = 0; i < kCount; ++i) {
    const auto value = std::byte(i * 7 % 251);
    const std::vector<std::byte> record(16, value);
    queue->add(record, i * kStep);
    std::memcpy(expected.data() + i * kStep, record.data(), record.size());
  }
  const std::vector<std::byte> large(1 << 20, std::byte{9});  // more than the stream's buffer
  queue->add(large, kCount * kStep);
  queue->drain();
  expected.insert(expected.end(), large.begin(), large.end());
  std::vector<std::byte> found(expected.size() + 1);
  found.resize(file->read_at(found, 0));
  CHECK(found == expected);
}

TEST_CASE("closing a file and its write queue closes every descriptor", "[file]") {
  const TemporaryFolder folder;
  for (int round = 0; round < 20; ++round) {
    const std::string path = folder.file(std::to_string(round));
    const auto file = create(path);
    std::unique_ptr<WriteQueue> queue;
    try {
      queue = file->write_queue();
    } catch (const SystemError&) {
      return;  // io_uring is not available; the test of strategy io-uring reports that
    }
    queue->add(bytes_of("hello"), 0);
    queue->drain();
    queue.reset();
    file->close();
    // A write lease is granted only if the file has no other open. A ring that the kernel has not
    // yet destroyed would still hold it open, and an unmount would fail.
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(descriptor >= 0);
    const int leased = ::fcntl(descriptor, F_SETLEASE, F_WRLCK);
    const int error_number = errno;
    ::close(descriptor);
    if (leased != 0 && error_number == EINVAL) return;  // a file system without leases
    CHECK(leased == 0);
  }
}

TEST_CASE("a queue reports a failed write with its offset and continues", "[file]") {
  const TemporaryFolder folder;
  create(folder.file("a"))->allocate(10);
  const auto file = open_posix_file(folder.file("a"), {});  // read-only
  std::unique_ptr<WriteQueue> queue;
  try {
    queue = file->write_queue();
  } catch (const SystemError& error) {
    WARN("not tried: " << error.what());
    return;
  }
  queue->add(bytes_of("hello"), 5);
  CHECK_THROWS_WITH(queue->drain(),
                    Catch::Matchers::ContainsSubstring("io_uring write: Bad file descriptor") &&
                        Catch::Matchers::ContainsSubstring("5"));
  queue->drain();
}

TEST_CASE("a stream writes only its own bytes, and reports errors", "[file]") {
  const TemporaryFolder folder;
  const auto file = create(folder.file("a"));
  file->write_at(std::vector<std::byte>(20000, std::byte{'.'}), 0);
  const auto stream = file->stream();
  stream->write_at(bytes_of("hello"), 10000);
  stream->write_at(bytes_of("you"), 10005);
  stream->write_at(bytes_of("X"), 3);
  stream->flush();
  std::vector<std::byte> found(20000);
  file->read_at(found, 0);
  std::vector<std::byte> expected(20000, std::byte{'.'});
  std::memcpy(expected.data() + 10000, "helloyou", 8);
  expected[3] = std::byte{'X'};
  CHECK(found == expected);
  stream->close();

  const auto unwritable = open_posix_file(folder.file("a"), {});
  CHECK_THROWS_WITH(unwritable->stream(),
                    Catch::Matchers::ContainsSubstring("fdopen: Invalid argument"));
}

TEST_CASE("an atomic write is an error if the file system does not support atomic writes",
          "[file]") {
  const TemporaryFolder folder;
  const auto file = create(folder.file("a"));
  if (file->direct_limits().most_atomic_bytes > 0) return;
  CHECK_THROWS_AS(file->write_at_atomically(bytes_of("hello"), 0), SystemError);
  CHECK(file->size_bytes() == 0);
}

TEST_CASE("an unsupported operation is distinguished from a failure", "[file]") {
  const TemporaryFolder folder;
  create(folder.file("a"));
  const auto cause_of = [](auto call) -> std::optional<Cause> {
    try {
      call();
    } catch (const SystemError& error) {
      return error.cause();
    }
    return std::nullopt;
  };
  const auto readable = open_posix_file(folder.file("a"), {});
  const auto writable = open_posix_file(folder.file("a"), {.access = Access::write});
  const auto unmappable = open_posix_file("/proc/self/status", {});
  CHECK(cause_of([&] { unmappable->map({.size_bytes = 1}); }) == Cause::unsupported);
  CHECK(cause_of([&] { readable->write_at(bytes_of("x"), 0); }) == Cause::unsupported);
  CHECK(cause_of([&] { writable->map({.size_bytes = 1}); }) == Cause::failure);
  CHECK(cause_of([&] { open_posix_file(folder.file("b"), {}); }) == Cause::failure);
}
