#include "reports/failures.h"

#include <fmt/format.h>

#include <set>

#include "reports/printable.h"

namespace npyrace {

std::string failure_lines(const RunResult& result) {
  std::string text;
  for (const CellResult& cell : result.cells) {
    if (cell.verdict != Verdict::failed) continue;
    const std::string where = cell.cell.strategy.empty() ? "" : cell.cell.name + ": ";
    text += fmt::format("npyrace: {}\n", printable(where + cell.reason));
  }
  // What ends a player ends every row: it is told once.
  std::set<std::string> problems;
  for (const PassportRow& row :
       result.passport ? result.passport->rows : std::vector<PassportRow>{})
    if (!row.problem.empty() && !row.refused && problems.insert(row.problem).second)
      text += fmt::format("npyrace: semantics: {}\n", printable(row.problem));
  for (const ExperimentResult& one : result.experiments)
    if (one.verdict == Verdict::failed)
      text += fmt::format("npyrace: {}: {}: {}\n", one.scenario, one.name, printable(one.reason));
  for (const ReferenceResult& reference : result.references)
    if (!reference.problem.empty())
      text += fmt::format("npyrace: {}: {}\n", reference.name, printable(reference.problem));
  return text;
}

}  // namespace npyrace
