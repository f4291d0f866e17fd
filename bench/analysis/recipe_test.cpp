#include "bench/analysis/recipe.h"

#include "bench/strategies/strategy.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

CellDescription cell(const std::string& strategy) {
  return {.strategy = strategy,
          .layout = "padded-block",
          .align_bytes = 4096,
          .ownership = "block",
          .sync = "end",
          .launcher = "process",
          .writers = 3,
          .records = 100,
          .record_bytes = 16};
}

}  // namespace

TEST_CASE("strategies with a NumPy equivalent and users' programs have a recipe", "[recipe]") {
  for (const StrategyRow& row : strategy_table()) {
    CAPTURE(row.name);
    const bool said = !std::string_view(row.numpy).empty() || std::string_view(row.name) == "exec";
    CHECK(recipe_for(cell(row.name)).empty() != said);
  }
}

TEST_CASE("cells without a NumPy equivalent have no recipe", "[recipe]") {
  CHECK(recipe_for(cell("mmap+pwrite")).empty());
  CellDescription dealt = cell("mmap");
  dealt.ownership = "random";
  CHECK(recipe_for(dealt).empty());
  CellDescription synced = cell("direct");
  synced.sync = "record";
  CHECK(recipe_for(synced).empty());
  CellDescription apart = cell("file-per-writer-reflink");
  apart.layout = "packed";
  apart.ownership = "cyclic";
  CHECK(recipe_for(apart).empty());
}

TEST_CASE("scripts are in the order of use, each with a first line that says where it runs",
          "[recipe]") {
  const Recipe recipe = recipe_for(cell("file-per-writer"));
  REQUIRE(recipe.size() == 4);  // a padded layout also has a script that reads the file
  CHECK(recipe[0].name == "create.py");
  CHECK(recipe[0].text.rfind("# create.py: once, before the jobs\n", 0) == 0);
  CHECK(recipe[1].name == "job.py");
  CHECK(recipe[1].text.rfind("# job.py: every job, as in: python3 job.py 0\n", 0) == 0);
  CHECK(recipe[2].name == "collect.py");
  CHECK(recipe[2].text.rfind("# collect.py: once, when all jobs are done\n", 0) == 0);
  CHECK(recipe[3].name == "read.py");
}

TEST_CASE("records keep the dtype of the user's array, and hostile results cannot inject code",
          "[recipe]") {
  CellDescription rows = cell("mmap");
  rows.descr = "'<f8'";
  rows.row_shape = {250};
  CHECK(recipe_for(rows)[0].text.find("ITEM = np.dtype(('<f8', (250,)))") != std::string::npos);
  rows.descr = "'<f8'); import os #";
  CHECK_THROWS(recipe_for(rows));
}
