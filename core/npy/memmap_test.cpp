#include "core/npy/memmap.h"

#include <unistd.h>

#include <filesystem>
#include <numeric>

#include "core/file/posix_file.h"
#include "core/npy/dtype.h"
#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using npyrace::testing::TemporaryFolder;

namespace {

NpyHeaderSpec spec_of(const char* dtype, std::vector<std::uint64_t> shape) {
  return {dtype_from_text(dtype), false, std::move(shape)};
}

/// An array of the numbers 0, 1, 2, …
std::string counted(const TemporaryFolder& folder, std::uint64_t length) {
  const std::string path = folder.file("counted.npy");
  Memmap array = create_memmap(path, spec_of("<u8", {length}));
  const auto numbers = array.as<std::uint64_t>();
  std::iota(numbers.begin(), numbers.end(), 0u);
  array.close();
  return path;
}

/// A sparse file with a header only.
std::string sparse(const TemporaryFolder& folder, std::uint64_t length) {
  const std::string path = folder.file("sparse.npy");
  const auto header = encode_header(spec_of("<u8", {length}));
  const auto file = open_posix_file(path, {.access = Access::read_write, .create_new = true});
  file->write_at(header, 0);
  REQUIRE(::truncate(path.c_str(), static_cast<off_t>(header.size() + length * 8)) == 0);
  return path;
}

}  // namespace

TEST_CASE("a created array is allocated, zero, and keeps what is written", "[memmap]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.npy");
  Memmap created = create_memmap(path, spec_of("<f8", {100, 10}));
  CHECK(created.header().data_offset_bytes == 128);
  CHECK(created.as<double>().size() == 1000);
  CHECK(created.as<double>()[999] == 0);
  created.as<double>()[7] = 1.5;
  created.sync();
  created.close();
  Memmap opened = open_memmap(path, MapMode::read);
  CHECK(opened.as<double>()[7] == 1.5);
  CHECK(opened.shape() == std::vector<std::uint64_t>{100, 10});
  CHECK(std::filesystem::file_size(path) == 8128);
}

TEST_CASE("creating never overwrites", "[memmap]") {
  const TemporaryFolder folder;
  const std::string path = counted(folder, 10);
  CHECK_THROWS_AS(create_memmap(path, spec_of("<f8", {1})), SystemError);
  CHECK(open_memmap(path, MapMode::read).as<std::uint64_t>()[9] == 9);
}

TEST_CASE("a file that cannot get the requested size is removed", "[memmap]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.npy");
  CHECK_THROWS_AS(create_memmap(path, spec_of("<u8", {std::uint64_t{1} << 59})), SystemError);
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_THROWS_AS(create_memmap(path, spec_of("<u8", {std::uint64_t{1} << 61})), UsageError);
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("writing through r+ reaches the file, through c it does not", "[memmap]") {
  const TemporaryFolder folder;
  const std::string path = counted(folder, 10);
  {
    Memmap copy = open_memmap(path, MapMode::copy_on_write);
    copy.as<std::uint64_t>()[3] = 77;
    CHECK(copy.as<std::uint64_t>()[3] == 77);
    copy.close();
  }
  CHECK(open_memmap(path, MapMode::read).as<std::uint64_t>()[3] == 3);
  Memmap array = open_memmap(path, MapMode::read_write);
  array.as<std::uint64_t>()[3] = 77;
  array.close();
  CHECK(open_memmap(path, MapMode::read).as<std::uint64_t>()[3] == 77);
}

TEST_CASE("a window maps exactly its elements, for any page offset", "[memmap]") {
  const TemporaryFolder folder;
  const std::string path = counted(folder, 5000);
  for (const std::uint64_t first : {0, 1, 495, 496, 497, 511, 512, 4999}) {
    Memmap window = open_window(path, MapMode::read, {.first_element = first, .shape = {1}});
    CHECK(window.as<std::uint64_t>()[0] == first);
    CHECK(window.bytes().size() == 8);
  }
  Memmap square = open_window(path, MapMode::read, {.first_element = 100, .shape = {7, 3}});
  CHECK(square.as<std::uint64_t>().size() == 21);
  CHECK(square.as<std::uint64_t>()[20] == 120);
}

TEST_CASE("a window that leaves the array is refused", "[memmap]") {
  const TemporaryFolder folder;
  const std::string path = counted(folder, 10);
  const auto open = [&path](Window window) { return open_window(path, MapMode::read, window); };
  CHECK(open({.first_element = 10, .shape = {0}}).bytes().empty());
  CHECK_THROWS_AS(open({.first_element = 10, .shape = {1}}), UsageError);
  CHECK_THROWS_AS(open({.first_element = 11, .shape = {0}}), UsageError);
  CHECK_THROWS_AS(open({.first_element = UINT64_MAX, .shape = {2}}), UsageError);
  CHECK_THROWS_AS(open({.first_element = 1, .shape = {UINT64_MAX, UINT64_MAX}}), UsageError);
}

TEST_CASE("a file shorter than its header claims is one clear line, not a SIGBUS", "[memmap]") {
  const TemporaryFolder folder;
  const std::string path = counted(folder, 1000);
  REQUIRE(::truncate(path.c_str(), 128 + 4000) == 0);
  CHECK_THROWS_WITH(open_memmap(path, MapMode::read_write),
                    path + ": the file ends at byte 4128, before the data that end at byte 8128");
  CHECK(open_window(path, MapMode::read, {.first_element = 499, .shape = {1}})
            .as<std::uint64_t>()[0] == 499);
  CHECK_THROWS_AS(open_window(path, MapMode::read, {.first_element = 500, .shape = {1}}),
                  FormatError);
}

TEST_CASE("windows of arrays of many terabytes", "[memmap]") {
  const TemporaryFolder folder;
  const std::uint64_t length = std::uint64_t{9} << 37;  // 9 TiB
  const std::string path = sparse(folder, length);
  for (const std::uint64_t at : {std::uint64_t{1} << 40, length - 1}) {
    Memmap window = open_window(path, MapMode::read_write, {.first_element = at - 2, .shape = {3}});
    window.as<std::uint64_t>()[2] = at;
    window.close();
    CHECK(open_window(path, MapMode::read, {.first_element = at, .shape = {1}})
              .as<std::uint64_t>()[0] == at);
  }
  // Whole, it fits into the address space of 64 bits only.
  if (sizeof(std::size_t) < 8) CHECK_THROWS_AS(open_memmap(path, MapMode::read), SystemError);
}

TEST_CASE("arrays of Python objects are not mapped", "[memmap]") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(create_memmap(folder.file("o.npy"), spec_of("[('a','O')]", {1})), FormatError);
  CHECK_FALSE(std::filesystem::exists(folder.file("o.npy")));
}

TEST_CASE("empty arrays map to nothing", "[memmap]") {
  const TemporaryFolder folder;
  Memmap created = create_memmap(folder.file("e.npy"), spec_of("<f8", {0, 5}));
  CHECK(created.bytes().empty());
  created.sync();
  created.close();
  CHECK(open_memmap(folder.file("e.npy"), MapMode::read).bytes().empty());
}

TEST_CASE("elements are accessible only as a type of their size and alignment", "[memmap]") {
  const TemporaryFolder folder;
  const std::string path = counted(folder, 10);
  Memmap array = open_memmap(path, MapMode::read);
  CHECK_THROWS_AS(array.as<std::uint32_t>(), UsageError);
  Memmap packed = create_memmap(folder.file("p.npy"), spec_of("[('a','i1'),('b','<u8')]", {4}));
  struct Nine {
    unsigned char bytes[9];
  };
  CHECK(packed.as<Nine>().size() == 4);
}
