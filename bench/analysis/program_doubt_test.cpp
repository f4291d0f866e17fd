#include "bench/analysis/cross_checks.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

CellResult cell(const char* program, const char* layout, Verdict verdict) {
  CellResult result;
  result.cell = {.name = std::string(program) + "/" + layout,
                 .strategy = program,
                 .layout = layout,
                 .launcher = "exec",
                 .mounts = 1};
  result.verdict = verdict;
  result.reason = "why";
  if (verdict == Verdict::unsafe) result.anomalies[Anomaly::lost] = 3;
  return result;
}

}  // namespace

TEST_CASE("a program that loses records on one node is not safe in any layout", "[program-doubt]") {
  std::vector<CellResult> cells{cell("exec:a", "packed", Verdict::unsafe),
                                cell("exec:a", "padded-block", Verdict::safe),
                                cell("exec:b", "packed", Verdict::safe)};
  doubt_programs(cells, {});
  CHECK(cells[0].reason.find("no layout helps") != std::string::npos);
  CHECK(cells[1].verdict == Verdict::inconclusive);
  CHECK(cells[1].reason.find("exec:a/packed") != std::string::npos);
  CHECK(cells[2].verdict == Verdict::safe);
  CHECK(cells[2].reason == "why");
}

TEST_CASE("padding may help between nodes, in a lab, and for npyrace's own strategies",
          "[program-doubt]") {
  std::vector<CellResult> cells{cell("exec", "packed", Verdict::unsafe),
                                cell("exec", "padded-block", Verdict::safe)};
  std::vector<CellResult> lab = cells;
  doubt_programs(lab, {.lab = "nfs"});
  CHECK(lab[1].verdict == Verdict::safe);
  std::vector<CellResult> nodes = cells;
  for (CellResult& one : nodes) one.cell.mounts = 2;
  doubt_programs(nodes, {});
  CHECK(nodes[1].verdict == Verdict::safe);
  std::vector<CellResult> own = cells;
  for (CellResult& one : own) one.cell.launcher = "process";
  doubt_programs(own, {});
  CHECK(own[1].verdict == Verdict::safe);
}

TEST_CASE("corrupt bytes are not attributed to rewriting by the program", "[program-doubt]") {
  std::vector<CellResult> cells{cell("exec", "packed", Verdict::unsafe),
                                cell("exec", "padded-block", Verdict::safe)};
  cells[0].anomalies = {};
  cells[0].anomalies[Anomaly::corrupt] = 2;
  doubt_programs(cells, {});
  CHECK(cells[1].verdict == Verdict::safe);
}
