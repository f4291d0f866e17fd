#include "reports/text/run_sections.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

CellResult cell(const char* strategy, const char* sync, double records_per_second) {
  CellResult result;
  result.cell = {.strategy = strategy,
                 .layout = "packed",
                 .ownership = "block",
                 .sync = sync,
                 .cache = "as-is",
                 .launcher = "process",
                 .writers = 4};
  result.records_per_second = records_per_second;
  if (records_per_second > 0) result.seconds = {1};
  return result;
}

}  // namespace

TEST_CASE("the cost of a sync is given per record and writer", "[sync_cost_report]") {
  const std::vector<CellResult> cells{cell("pwrite", "none", 2e6), cell("mmap", "none", 1e6),
                                      cell("pwrite", "record", 4e3)};
  CHECK(sync_costs(cells) ==
        std::vector<std::string>{
            "pwrite, packed, block, 4 process writers: none 2.00 us, record 1.00 ms"});
  CHECK(sync_cost_report(cells) ==
        "\ntime of a record by sync: pwrite, packed, block, 4 process writers: none 2.00\n"
        "  us, record 1.00 ms\n");
}

TEST_CASE("sync costs compare only timed cells that differ in sync alone", "[sync_cost_report]") {
  CHECK(sync_costs({cell("pwrite", "none", 2e6), cell("pwrite", "record", 0)}).empty());
  CellResult warm = cell("pwrite", "record", 4e3);
  warm.cell.cache = "warm";
  CHECK(sync_costs({cell("pwrite", "none", 2e6), warm}).empty());
  CHECK(sync_cost_report({cell("pwrite", "none", 2e6)}).empty());
}
