#include "bench/launchers/together.h"

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

TEST_CASE("two who come see each other", "[together]") {
  const TemporaryFolder folder;
  auto other = std::async(std::launch::async, [&] { return wait_together(of(folder, 1, 1)); });
  const Gathered mine = wait_together(of(folder, 0, 1));
  const Gathered theirs = other.get();
  CHECK(mine.present == 2);
  CHECK(theirs.present == 2);
  // Each also saw, after the other had announced it, that the other had seen all.
  REQUIRE(mine.sightings.size() == 1);
  CHECK(mine.sightings[0].writer == 1);
  CHECK(mine.sightings[0].there_ns == theirs.there_ns);
  CHECK(mine.sightings[0].seen_ns >= theirs.there_ns);
}

TEST_CASE("who came for an earlier generation is not here for this one", "[together]") {
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
