#pragma once
// Aligned columns for terminals of 80 columns, and shortened cell names.

#include <string>
#include <vector>

namespace npyrace {

using TableRow = std::vector<std::string>;

/// The first row holds the titles; all rows have the same length. If the first column is too wide,
/// it gets a line of its own and the others follow indented below it. Columns are separated by two
/// spaces. What is unprintable is escaped.
std::string aligned_table(std::vector<TableRow> rows);

/// Splits names into common and distinguishing words; cell names consist of words separated by
/// slashes.
struct ShortNames {
  std::string common;  ///< words common to all names, separated by commas; may be empty
  /// Remaining words in the same order; never empty, all different.
  std::vector<std::string> names;
};

ShortNames short_names(const std::vector<std::string>& names);

/// Columns that UTF-8 text takes on a terminal.
std::size_t columns_of(const std::string& text);

/// Escapes what is unprintable in every cell.
void make_printable(std::vector<TableRow>& rows);

/// Columns of the widest cell of each column. REQUIRES: a row.
std::vector<std::size_t> widths_of(const std::vector<TableRow>& rows);

}  // namespace npyrace
