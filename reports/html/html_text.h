#pragma once
// Files that are built into the page. Generated from reports/html and from Debian's libjs-chart.js.

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
/// Empty where npyrace was built without it.
extern const std::string_view kChartJs;

// Text and tables as HTML. Nothing that comes from outside gets into a page unescaped.

/// `text` for an element or a quoted attribute: what is not printable is escaped as Python's repr()
/// does it, what HTML would take for its own becomes a character reference.
std::string html_text(std::string_view text);

/// The same for text of several lines, which stay lines: for an element that keeps them.
std::string html_lines(std::string_view text);

/// JSON for a script element: nothing in it can end the element or begin a comment.
std::string html_json(std::string_view json);

struct HtmlField {
  std::string text;
  std::optional<double> value = {};  ///< the number behind the text, for who wants all its digits
  std::string css_class = {};
};

class HtmlTable {
 public:
  HtmlTable(std::string_view caption, const std::vector<std::string>& titles);
  /// The first field is the row's title. `cell` >= 0 ties the row to a cell of the result, so that
  /// filters find it.
  void row(const std::vector<HtmlField>& fields, int cell = -1);
  bool empty() const { return rows_ == 0; }
  /// The whole table, in a box that scrolls where it is wider than the page.
  std::string text() const;

 private:
  std::string caption_;
  std::vector<std::string> titles_;
  std::vector<std::string> classes_;  ///< of the first row: a title stands as what is below it
  std::string rows_text_;
  std::size_t rows_ = 0;
};

// What the sections of the page are made of.

/// With its title; empty when `content` is. `id` and `title` are ours.
std::string html_section(const char* id, const char* title, const std::string& content);

/// Where a script draws; it stays empty, and unseen, without one.
std::string html_figure(const char* id, const std::string& caption);

/// Empty where there are no items.
std::string html_list(const std::string& title, const std::vector<std::string>& items);

HtmlField verdict_field(Verdict verdict);
HtmlField count_field(std::uint64_t value);

}  // namespace npyrace
