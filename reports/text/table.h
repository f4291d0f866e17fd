#pragma once
// Aligned columns for terminals of 80 columns.

#include <string>
#include <vector>

namespace npyrace {

using TableRow = std::vector<std::string>;

/// The first row holds titles; all rows are as long. The first column is the one that may be too
/// wide: then it gets a line of its own, and the others stand below it, indented. Columns are two
/// spaces apart.
std::string aligned_table(const std::vector<TableRow>& rows);

/// What names have in common, and what tells them apart: names of cells are words between slashes.
struct ShortNames {
  std::string common;              ///< the words that all names share, between commas; may be empty
  std::vector<std::string> names;  ///< in the same order, never empty, still all different
};

ShortNames short_names(const std::vector<std::string>& names);

/// Columns that UTF-8 text takes on a terminal.
std::size_t columns_of(const std::string& text);

/// Columns of the widest cell of each column. REQUIRES: a row.
std::vector<std::size_t> widths_of(const std::vector<TableRow>& rows);

}  // namespace npyrace
