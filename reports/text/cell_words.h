#pragma once
// Short texts about cells: names that distinguish them, anomalies, causes, and failures.

#include <functional>
#include <string>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// An axis of the matrix: shown as a column if the cells differ in it, else above the table.
struct CellAxis {
  const char* title;
  std::function<std::string(const CellDescription&)> text;
  const char* unit = "";
};

/// Returns strategy and layout, and all other axes in which the cells differ.
std::vector<CellAxis> shown_axes(const std::vector<CellResult>& cells);
/// "ownership cyclic, sync end, …": the axes that are not shown. Requires a cell.
std::string common_axes(const std::vector<CellResult>& cells);
/// "mmap, packed, warm"
std::string cell_title(const CellResult& cell, const std::vector<CellAxis>& chosen);

/// "7 lost, 3 unwritten"; "none" for a checked file; `unchecked` for a file that was not checked,
/// and for a failed or skipped cell.
std::string anomaly_words(const CellResult& cell, const std::string& unchecked);

/// The kind of damage and the effect of alignment on it, as far as positions and classes show.
/// Empty if no record was damaged.
std::string cause_words(const CellResult& cell);

/// Statistical power of `safe` against rare losses, for the safe cell with the fewest trials:
/// "power: …". Empty if no cell is safe.
std::string power_words(const std::vector<CellResult>& cells);

// Failures, for standard error.

/// One line "npyrace: …" per failed cell, experiment and reference; for verify only the reason,
/// which contains the file name.
std::string failure_lines(const RunResult& result);

}  // namespace npyrace
