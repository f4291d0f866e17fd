#pragma once
// Lookup of rows in named tables, with suggestions for misspelled names.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace npyrace {

/// The candidate nearest to `typed` by edit distance, or empty if none is similar enough: more than
/// a third of the letters differ (in a short name that begins alike or has the same letters: more
/// than two).
std::string nearest_name(std::string_view typed, std::span<const std::string> candidates);

/// Formats "unknown KIND 'typed'; did you mean 'x'? known: a, b, c".
std::string unknown_name_message(std::string_view kind, std::string_view typed,
                                 std::span<const std::string> candidates);

// Lookup by name, the same for every table.

template <typename Row>
std::vector<std::string> row_names(std::span<const Row> table) {
  std::vector<std::string> names;
  for (const Row& row : table) names.emplace_back(row.name);
  return names;
}

/// "a, b, c"
template <typename Row>
std::string names_of(std::span<const Row> table) {
  std::string text;
  for (const std::string& name : row_names(table)) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// Returns the row with that `name`. Throws UsageError with a suggestion and all known names.
template <typename Row>
const Row& find_row(std::string_view kind, std::string_view name, std::span<const Row> table) {
  for (const Row& row : table)
    if (row.name == name) return row;
  throw UsageError(unknown_name_message(kind, name, row_names(table)));
}

}  // namespace npyrace
