#include "bench/launchers/open_watch.h"

#include <chrono>
#include <thread>

#include "core/file/posix_file.h"
#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using npyrace::testing::TemporaryFolder;

namespace {

void let_time_pass(OpenWatch& watch) {
  watch.wait(0);
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

std::string made(const TemporaryFolder& folder, const char* name) {
  open_posix_file(folder.file(name), {.access = Access::read_write, .create_new = true})
      ->allocate(4096);
  return folder.file(name);
}

}  // namespace

TEST_CASE("jobs overlap only if both have the file open at once", "[open-watch]") {
  const TemporaryFolder folder;
  const std::string path = made(folder, "a");
  OpenWatch watch({path}, {1});
  for (int i = 0; i < 2; ++i) {
    const auto file = open_posix_file(path, {});
    let_time_pass(watch);
  }
  watch.wait(0);
  CHECK(watch.overlap_seconds() == 0);
  CHECK(watch.overlap_share() == 0);
  {
    const auto one = open_posix_file(path, {});
    const auto other = open_posix_file(path, {});
    let_time_pass(watch);
  }
  watch.wait(0);
  CHECK(watch.overlap_seconds() > 0);
  CHECK(watch.overlap_share() > 0);
  CHECK(watch.overlap_share() < 1);  // each was open alone for a while
}

TEST_CASE("a mapping holds its file open", "[open-watch]") {
  const TemporaryFolder folder;
  const std::string path = made(folder, "a");
  OpenWatch watch({path}, {1});
  auto mapping =
      // The file is closed at once, the mapping remains.
      open_posix_file(path, {})->map({.size_bytes = 4096});
  {
    const auto other = open_posix_file(path, {});
    let_time_pass(watch);
  }
  watch.wait(0);
  CHECK(watch.overlap_seconds() > 0);
}

TEST_CASE("with several page caches two opens through the same cache are no overlap",
          "[open-watch]") {
  const TemporaryFolder folder;
  const std::string a = made(folder, "a");
  const std::string b = made(folder, "b");
  OpenWatch watch({a, b}, {1, 2});
  {
    const auto one = open_posix_file(a, {});
    const auto other = open_posix_file(a, {});
    let_time_pass(watch);
  }
  watch.wait(0);
  CHECK(watch.overlap_seconds() == 0);
  {
    const auto one = open_posix_file(a, {});
    const auto other = open_posix_file(b, {});
    let_time_pass(watch);
  }
  watch.wait(0);
  CHECK(watch.overlap_seconds() > 0);
}
