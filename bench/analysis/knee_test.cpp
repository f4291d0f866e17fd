#include "bench/analysis/scaling.h"
#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("the knee is where throughput stops growing", "[knee]") {
  CHECK(knee_writers(
            {{1, {10, 11, 10}}, {2, {20, 21, 19}}, {4, {20, 22, 18}}, {8, {19, 21, 20}}}) == 2u);
  CHECK(knee_writers({{4, {20, 22, 18}}, {1, {10, 11, 10}}, {2, {20, 21, 19}}}) == 2u);
}

TEST_CASE("a lower rate with more writers is a knee too", "[knee]") {
  CHECK(knee_writers({{1, {30, 31, 32}}, {2, {20, 21, 19}}, {4, {10, 11, 12}}}) == 1u);
}

TEST_CASE("a dip before more growth is no knee", "[knee]") {
  CHECK(knee_writers({{1, {10, 11, 10}}, {2, {8, 9, 8}}, {4, {30, 31, 32}}, {8, {30, 29, 31}}}) ==
        4u);
}

TEST_CASE("growth up to the largest number has no knee", "[knee]") {
  CHECK_FALSE(knee_writers({{1, {10, 11, 10}}, {2, {20, 21, 19}}, {4, {40, 41, 39}}}));
}

TEST_CASE("growth within noise does not move the knee", "[knee]") {
  CHECK(knee_writers({{1, {10, 15, 20}}, {2, {19, 22, 25}}}) == 1u);
}

TEST_CASE("too little was measured to name a knee", "[knee]") {
  CHECK_FALSE(knee_writers({}));
  CHECK_FALSE(knee_writers({{1, {10, 11, 10}}}));
  CHECK_FALSE(knee_writers({{1, {10, 11}}, {2, {10, 11, 10}}}));
}
