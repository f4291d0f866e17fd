#pragma once
// How a cell is called beside others, and what happened in it, in a few words.

#include <functional>
#include <string>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// An axis of the matrix: a column where cells differ in it, a word above the table where not.
struct CellAxis {
  const char* title;
  std::function<std::string(const CellDescription&)> text;
  const char* unit = "";
};

/// Strategy and layout always, for they are what is compared; others where cells differ in them.
std::vector<CellAxis> shown_axes(const std::vector<CellResult>& cells);
/// "ownership cyclic, sync end, …": the axes that are not shown. Needs a cell.
std::string common_axes(const std::vector<CellResult>& cells);
/// "mmap, packed, warm"
std::string cell_title(const CellResult& cell, const std::vector<CellAxis>& chosen);

/// "7 lost, 3 unwritten"; "none" of a file that was checked; `unchecked` of one that was not, and
/// of a cell that failed or was skipped.
std::string anomaly_words(const CellResult& cell, const std::string& unchecked);

/// "0.99 %", "37 %", "less than 0.01 %"
std::string chance_words(double share);

/// The kind of damage, and what alignment would do about it, as far as its places and
/// classes support it. Empty where no record was damaged.
std::string cause_words(const CellResult& cell);

/// How far `safe` can be trusted about rare losses, said of the safe cell with the fewest trials:
/// "power: …". Empty where no cell is safe.
std::string power_words(const std::vector<CellResult>& cells);

// What could not be run, for standard error.

/// One line "npyrace: …" for every failed cell, experiment and reference; of verify the reason
/// alone, which names the file.
std::string failure_lines(const RunResult& result);

}  // namespace npyrace
