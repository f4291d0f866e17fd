#include "core/file/bus_guard.h"

#include <cstring>
#include <filesystem>
#include <thread>
#include <vector>

#include "core/file/posix_file.h"
#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using npyrace::testing::TemporaryFolder;

namespace {

/// A file of three pages, mapped for writing.
struct Mapped {
  TemporaryFolder folder;
  std::string path = folder.file("file");
  std::unique_ptr<File> file =
      open_posix_file(path, {.access = Access::read_write, .create_new = true});
  std::unique_ptr<Mapping> mapping;

  Mapped() {
    file->allocate(3 * page_bytes());
    mapping = file->map({.offset_bytes = 0, .size_bytes = 3 * page_bytes(), .writable = true});
  }
  std::byte* page(std::uint64_t number) { return mapping->bytes().data() + number * page_bytes(); }
};

const void* store(std::byte* place) {
  return bus_error_in([place] { std::memset(place, 1, 16); });
}

}  // namespace

TEST_CASE("every access beyond the end of a mapped file is reported instead of raising SIGBUS",
          "[bus-guard]") {
  Mapped mapped;
  CHECK(store(mapped.page(1)) == nullptr);
  std::filesystem::resize_file(mapped.path, page_bytes());
  for (int tries = 0; tries < 3; ++tries) {
    CHECK(store(mapped.page(0)) == nullptr);
    CHECK(store(mapped.page(1)) == mapped.page(1));
    CHECK(store(mapped.page(2)) == mapped.page(2));
  }
  std::filesystem::resize_file(mapped.path, 3 * page_bytes());
  CHECK(store(mapped.page(1)) == nullptr);
}

TEST_CASE("a SIGBUS in one thread is not reported to another", "[bus-guard]") {
  Mapped mapped;
  std::filesystem::resize_file(mapped.path, 2 * page_bytes());
  int wrong = 0;
  std::vector<std::thread> threads;
  std::vector<int> wrong_in(4);
  for (std::uint64_t number = 0; number < 4; ++number)
    threads.emplace_back([&, number] {
      for (int tries = 0; tries < 200; ++tries) {
        const bool beyond = number % 2 == 1;
        std::byte* page = mapped.page(beyond ? 2 : 1);
        wrong_in[number] += (store(page) == nullptr) == beyond;
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (const int count : wrong_in) wrong += count;
  CHECK(wrong == 0);
}
