#pragma once
// Text and tables as HTML. Nothing that comes from outside gets into a page unescaped.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace npyrace {

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

}  // namespace npyrace
