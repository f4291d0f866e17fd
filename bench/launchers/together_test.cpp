#include "bench/launchers/together.h"

#include <fmt/format.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <future>

#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using npyrace::testing::TemporaryFolder;

namespace {

Gathering of(const TemporaryFolder& folder, std::uint64_t writer, unsigned generation) {
  return {.folder = folder.path(),
          .writer = writer,
          .writers = 2,
          .generation = generation,
          .limit = std::chrono::milliseconds(10000)};
}

}  // namespace

TEST_CASE("two workers that wait for each other start together", "[together]") {
  const TemporaryFolder folder;
  auto other = std::async(std::launch::async, [&] { return wait_together(of(folder, 1, 1)); });
  const Gathered mine = wait_together(of(folder, 0, 1));
  const Gathered theirs = other.get();
  CHECK(mine.present == 2);
  CHECK(theirs.present == 2);
  // Each worker also observed the other's announcement that all are present.
  REQUIRE(mine.sightings.size() == 1);
  CHECK(mine.sightings[0].writer == 1);
  CHECK(mine.sightings[0].there_ns == theirs.there_ns);
  CHECK(mine.sightings[0].seen_ns >= theirs.there_ns);
}

TEST_CASE("a worker of an earlier generation does not count as present", "[together]") {
  // Both arrived just now, and one already waits to write the next generation: starting at once
  // would mean writing alone.
  const TemporaryFolder folder;
  auto other = std::async(std::launch::async, [&] { return wait_together(of(folder, 1, 1)); });
  CHECK(wait_together(of(folder, 0, 1)).present == 2);
  other.get();
  Gathering again = of(folder, 0, 2);
  again.limit = std::chrono::milliseconds(300);
  CHECK(wait_together(again).present == 1);
}

TEST_CASE("a worker with a wrong clock counts as present", "[together]") {
  // The name of worker 1's announcement has its arrival by its own clock, and how far that is
  // ahead.
  const TemporaryFolder folder;
  const std::int64_t off_seconds = GENERATE(-3600, -30, 30, 3600);
  const std::int64_t now_seconds = std::time(nullptr);
  std::ofstream(fmt::format("{}/here-0001-1-{}000000000-{}000000000", folder.path(),
                            now_seconds + off_seconds, off_seconds));
  Gathering mine = of(folder, 0, 1);
  mine.limit = std::chrono::milliseconds(5000);
  CHECK(wait_together(mine).present == 2);
}

TEST_CASE("a worker that gave up before this one arrived does not count as present", "[together]") {
  const TemporaryFolder folder;
  const std::int64_t off_seconds = GENERATE(0, 3600);
  std::ofstream{fmt::format("{}/here-0001-1-{}000000000-{}000000000", folder.path(),
                            std::time(nullptr) - 60 + off_seconds, off_seconds)};
  Gathering mine = of(folder, 0, 1);
  mine.limit = std::chrono::milliseconds(300);
  CHECK(wait_together(mine).present == 1);
}
