#include "bench/compare/slow_share.h"
#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("a quantile lies between two samples in proportion", "[level]") {
  CHECK(quantile({30, 10, 20}, 0) == 10);
  CHECK(quantile({30, 10, 20}, 0.5) == 20);
  CHECK(quantile({30, 10, 20}, 0.75) == 25);
  CHECK(quantile({30, 10, 20}, 1) == 30);
  CHECK(quantile({7}, 0.05) == 7);
}

TEST_CASE("slow moments of the machine do not change a run's time estimate, a slower program does",
          "[level]") {
  CellSamples cell{.name = "a", .seconds = {1, 5, 5}};
  for (int i = 0; i <= 20; ++i) cell.generations.push_back(1 + 0.01 * i);
  const double quiet = level_of(cell, LevelBasis::generations, 21);
  CHECK(quiet == Approx(1.01));
  CHECK(level_of(cell, LevelBasis::repetitions, 0) == 5);
  CellSamples busy = cell, slower = cell;
  for (std::size_t i = 2; i < busy.generations.size(); ++i) busy.generations[i] *= 7;
  for (double& seconds : slower.generations) seconds *= 1.1;
  CHECK(level_of(busy, LevelBasis::generations, 21) == quiet);
  CHECK(level_of(slower, LevelBasis::generations, 21) == Approx(1.1 * quiet));
}

TEST_CASE("the level uses the fastest share of generations", "[level]") {
  const CellSamples cell{.name = "a", .generations = {4, 4, 4, 1, 1}};
  CHECK(level_of(cell, LevelBasis::generations, 3) == 4);
  CHECK(level_of(cell, LevelBasis::generations, 99) == 1);
}
