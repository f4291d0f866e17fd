#include "bench/analysis/separation.h"

#include "tests/catch.h"

using namespace npyrace;

namespace {

CellResult cell(const char* layout, std::uint64_t align_bytes, Verdict verdict,
                const char* strategy = "mmap") {
  CellResult result;
  result.cell.strategy = strategy;
  result.cell.layout = layout;
  result.cell.align_bytes = align_bytes;
  result.verdict = verdict;
  result.attribution.damaged = verdict == Verdict::unsafe;
  return result;
}

}  // namespace

TEST_CASE("the smallest safe alignment is one for which all larger ones were safe as well") {
  std::vector<CellResult> cells{
      cell("packed", 4096, Verdict::unsafe),      cell("padded-record", 1024, Verdict::unsafe),
      cell("padded-record", 2048, Verdict::safe), cell("padded-record", 4096, Verdict::unsafe),
      cell("padded-record", 8192, Verdict::safe), cell("padded-record", 16384, Verdict::safe)};
  const auto all = separations(cells);
  REQUIRE(all.size() == 1);
  CHECK(all[0].unsafe_up_to_bytes == 4096);
  CHECK(all[0].safe_from_bytes == 8192);
  CHECK_FALSE(all[0].packed_safe);
  confirm_attributions(cells, all);
  CHECK(cells[0].attribution.separating_bytes == 8192);
  CHECK(cells[0].attribution.failing_bytes == 4096);
  CHECK(cells[5].attribution.separating_bytes == 0);  // no damage to separate
}

TEST_CASE("an alignment is safe only if all its cells are, and only conclusive cells count") {
  const auto all = separations({cell("padded-record", 64, Verdict::safe),
                                cell("padded-block", 64, Verdict::unsafe),
                                cell("padded-record", 128, Verdict::inconclusive)});
  CHECK(all.empty());  // one conclusive alignment is no comparison
  const auto two =
      separations({cell("padded-record", 64, Verdict::safe),
                   cell("padded-block", 64, Verdict::unsafe), cell("packed", 4096, Verdict::safe)});
  REQUIRE(two.size() == 1);
  CHECK(two[0].safe_from_bytes == 0);
  CHECK_FALSE(two[0].packed_safe);
}

TEST_CASE("strategies are evaluated separately") {
  const auto all =
      separations({cell("packed", 4096, Verdict::unsafe), cell("padded-block", 4096, Verdict::safe),
                   cell("packed", 4096, Verdict::safe, "pwrite"),
                   cell("padded-block", 4096, Verdict::safe, "pwrite")});
  REQUIRE(all.size() == 2);
  CHECK(all[0].safe_from_bytes == 4096);
  CHECK_FALSE(all[0].packed_safe);
  CHECK(all[1].packed_safe);
}
