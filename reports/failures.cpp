#include "reports/failures.h"

#include <fmt/format.h>

#include "reports/printable.h"

namespace npyrace {

std::string failure_lines(const RunResult& result) {
  std::string text;
  for (const CellResult& cell : result.cells) {
    if (cell.verdict != Verdict::failed) continue;
    const std::string where = cell.cell.strategy.empty() ? "" : cell.cell.name + ": ";
    text += fmt::format("npyrace: {}\n", printable(where + cell.reason));
  }
  for (const ReferenceResult& reference : result.references)
    if (!reference.problem.empty())
      text += fmt::format("npyrace: {}: {}\n", reference.name, printable(reference.problem));
  return text;
}

}  // namespace npyrace
