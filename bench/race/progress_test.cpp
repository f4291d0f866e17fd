#include "bench/race/progress.h"

#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("the progress line shows the current cell, the rate and the remaining time",
          "[progress]") {
  CHECK(progress_line({1, 40, 0, "mmap/packed"}, 80) == "[ 1/40] mmap/packed  ");
  CHECK(progress_line({11, 40, 10, "mmap/packed"}, 80) == "[11/40] mmap/packed  30 s left");
  CHECK(progress_line({11, 40, 10, "mmap/packed", 1.5e6}, 80) ==
        "[11/40] mmap/packed  1.50 M records/s  30 s left");
  CHECK(progress_line({2, 1000, 1, "x"}, 80) == "[   2/1000] x  17 min left");
}

TEST_CASE("trials that may follow are part of what is left", "[progress]") {
  CHECK(progress_line({11, 40, 10, "mmap", 0, 15}, 80) == "[11/40] mmap  30 s to 45 s left");
  CHECK(progress_line({11, 40, 10, "mmap", 0, 300}, 80) == "[11/40] mmap  30 s to 6 min left");
}

TEST_CASE("progress without a known number of steps shows no time left", "[progress]") {
  CHECK(progress_line({7, 0, 10, "soak"}, 80) == "[7] soak  ");
}

TEST_CASE("the line never wraps, however long the name", "[progress]") {
  const std::string name(500, 'n');
  for (const std::size_t columns : {20u, 40u, 80u})
    CHECK(progress_line({11, 40, 10, name, 1.5e6}, columns).size() < columns);
}
