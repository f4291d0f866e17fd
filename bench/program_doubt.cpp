#include "bench/program_doubt.h"

#include <algorithm>

namespace npyrace {
namespace {

bool lost_on_one_node(const CellResult& cell) {
  const std::uint64_t overwritten =
      cell.anomalies[Anomaly::lost] + cell.anomalies[Anomaly::hole] + cell.anomalies[Anomaly::torn];
  return cell.verdict == Verdict::unsafe && cell.cell.launcher == "exec" && cell.cell.mounts == 1 &&
         (overwritten > 0 || !cell.evidence.struck_file.empty());
}

}  // namespace

void doubt_programs(std::vector<CellResult>& cells, const Environment& environment) {
  if (!environment.lab.empty()) return;
  for (const CellResult& loser : cells) {
    if (!lost_on_one_node(loser)) continue;
    for (CellResult& cell : cells) {
      const bool same_program = cell.cell.launcher == "exec" &&
                                cell.cell.strategy == loser.cell.strategy &&
                                cell.cell.mounts == loser.cell.mounts;
      if (!same_program || cell.verdict != Verdict::safe) continue;
      cell.verdict = Verdict::inconclusive;
      cell.reason = "nothing was lost here, but this program lost records in " + loser.cell.name +
                    ": it rewrites what is not its own, and no layout keeps it from that";
    }
  }
  for (CellResult& cell : cells)
    if (lost_on_one_node(cell))
      cell.reason +=
          "; on one node one page cache serves all writers, so the program rewrites what is not its "
          "own, and no layout helps: let each writer write its own records only";
}

}  // namespace npyrace
