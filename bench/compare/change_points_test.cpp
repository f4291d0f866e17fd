#include <random>

#include "bench/compare/drift.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

std::vector<double> series(std::uint64_t seed, std::size_t count, double noise,
                           double (*level)(std::size_t)) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0, noise);
  std::vector<double> points;
  for (std::size_t i = 0; i < count; ++i) points.push_back(level(i) + normal(random));
  return points;
}

}  // namespace

TEST_CASE("a step is found at its position", "[change_points]") {
  const auto points = series(3, 40, 0.05, [](std::size_t i) { return i < 25 ? 0.0 : 0.3; });
  CHECK(change_points(points, {}) == std::vector<std::size_t>{25});
}

TEST_CASE("two steps are found", "[change_points]") {
  const auto points = series(4, 60, 0.05, [](std::size_t i) {
    return i < 20 ? 0.0 : i < 40 ? 0.4 : 0.1;
  });
  CHECK(change_points(points, {}) == std::vector<std::size_t>{20, 40});
}

TEST_CASE("a slow drift has change points, too", "[change_points]") {
  const auto points =
      series(5, 20, 0.03, [](std::size_t i) { return 0.015 * static_cast<double>(i); });
  CHECK(!change_points(points, {}).empty());
}

TEST_CASE("noise has change points only with probability alpha", "[change_points]") {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed)
    found += !change_points(series(seed, 24, 0.2, [](std::size_t) { return 0.0; }), {}).empty();
  CHECK(found <= 10);  // 1 % are 3; more than 10 of 300 have probability 0.001
}

TEST_CASE("short, constant and empty series have none", "[change_points]") {
  CHECK(change_points({}, {}).empty());
  CHECK(change_points({1, 1, 9, 9, 9}, {}).empty());
  CHECK(change_points(std::vector<double>(50, 2.0), {}).empty());
}
