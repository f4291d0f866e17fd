#include "reports/text/table.h"

#include <algorithm>
#include <numeric>
#include <sstream>

#include "core/base/text.h"
#include "reports/text/wrap.h"

namespace npyrace {

/// UTF-8 continuation bytes occupy no column.
std::size_t columns_of(const std::string& text) {
  return std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; });
}

namespace {

using Words = std::vector<std::string>;

std::string line_from(const TableRow& row, std::size_t first,
                      const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = first; i < row.size(); ++i)
    line += row[i] + std::string(widths[i] + 2 - columns_of(row[i]), ' ');
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

Words words_of(const std::string& name) {
  Words words;
  std::istringstream stream(name);
  for (std::string word; std::getline(stream, word, '/');) words.push_back(word);
  return words;
}

std::string joined(const Words& words, const std::string& between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

}  // namespace

std::vector<std::size_t> widths_of(const std::vector<TableRow>& rows) {
  std::vector<std::size_t> widths(rows[0].size());
  for (const TableRow& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], columns_of(row[i]));
  return widths;
}

void make_printable(std::vector<TableRow>& rows) {
  for (TableRow& row : rows)
    for (std::string& cell : row) cell = printable(cell);
}

std::string aligned_table(std::vector<TableRow> rows) {
  make_printable(rows);
  const std::vector<std::size_t> widths = widths_of(rows);
  const std::size_t total =
      std::accumulate(widths.begin(), widths.end(), std::size_t{0}) + 2 * (widths.size() - 1);
  std::string text;
  for (const TableRow& row : rows)
    text += total <= kTerminalColumns ? line_from(row, 0, widths)
                                      : row[0] + "\n  " + line_from(row, 1, widths);
  return text;
}

ShortNames short_names(const std::vector<std::string>& names) {
  std::vector<Words> all;
  for (const std::string& name : names) all.push_back(words_of(name));
  const bool same_shape =
      std::ranges::all_of(all, [&](const Words& words) { return words.size() == all[0].size(); });
  if (names.size() < 2 || !same_shape) return {"", names};
  Words common;
  std::vector<Words> rest(names.size());
  for (std::size_t i = 0; i < all[0].size(); ++i) {
    const bool shared =
        std::ranges::all_of(all, [&](const Words& words) { return words[i] == all[0][i]; });
    if (shared) {
      common.push_back(all[0][i]);
      continue;
    }
    for (std::size_t n = 0; n < all.size(); ++n) rest[n].push_back(all[n][i]);
  }
  ShortNames result{joined(common, ", "), {}};
  for (std::size_t n = 0; n < rest.size(); ++n) {
    result.names.push_back(joined(rest[n], "/"));
    if (result.names.back().empty()) return {"", names};
  }
  return result;
}

}  // namespace npyrace
