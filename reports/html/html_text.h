#pragma once
// Building blocks of the HTML page: embedded files, escaping, tables and sections. The embedded
// files are generated from reports/html and Debian's libjs-chart.js.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result/verdict.h"

namespace npyrace {

extern const std::string_view kReportCss;
extern const std::string_view kReportJs;
extern const std::string_view kPageMapJs;
/// Empty if npyrace was built without it.
extern const std::string_view kChartJs;

// Escaping and tables. All foreign text is escaped.

/// Escapes `text` for an element or a quoted attribute: unprintable characters as in Python's
/// repr(), HTML's special characters as character references.
std::string html_text(std::string_view text);

/// The same for text of several lines, for an element that preserves line breaks.
std::string html_lines(std::string_view text);

/// Escapes JSON for a script element, so that it can neither end the element nor begin a comment.
std::string html_json(std::string_view json);

struct HtmlField {
  std::string text;
  std::optional<double> value = {};  ///< exact number behind the text
  std::string css_class = {};
};

class HtmlTable {
 public:
  HtmlTable(std::string_view caption, const std::vector<std::string>& titles);
  /// The first field is the row's title. `cell` >= 0 links the row to a cell of the result, for the
  /// page's filters.
  void row(const std::vector<HtmlField>& fields, int cell = -1);
  bool empty() const { return rows_ == 0; }
  /// The table in a box that scrolls if it is wider than the page.
  std::string text() const;

 private:
  std::string caption_;
  std::vector<std::string> titles_;
  /// Classes of the first row; titles are aligned like the fields below them.
  std::vector<std::string> classes_;
  std::string rows_text_;
  std::size_t rows_ = 0;
};

// Pages and sections.

/// A complete page. `title` is escaped, the rest is HTML; `scripts` stand at the end of the body.
std::string html_page(const std::string& title, const std::string& main,
                      const std::string& scripts);

/// A section with its title; empty if `content` is. `id` and `title` are not escaped.
std::string html_section(const char* id, const char* title, const std::string& content);

/// A placeholder for a chart; stays empty and hidden without scripts.
std::string html_figure(const char* id, const std::string& caption);

/// Empty if there are no items.
std::string html_list(const std::string& title, const std::vector<std::string>& items);

HtmlField verdict_field(Verdict verdict);
HtmlField count_field(std::uint64_t value);

}  // namespace npyrace
