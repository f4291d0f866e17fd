#include "reports/wrap.h"

#include <sstream>

namespace npyrace {

std::string wrapped(const std::string& paragraph, WrapColumns columns) {
  std::istringstream words(paragraph);
  std::string text;
  std::size_t column = columns.first;
  bool line_is_empty = true;
  for (std::string word; words >> word;) {
    if (!line_is_empty && column + 1 + word.size() > kTerminalColumns) {
      text += "\n" + std::string(columns.others, ' ');
      column = columns.others;
      line_is_empty = true;
    }
    text += (line_is_empty ? "" : " ") + word;
    column += word.size() + (line_is_empty ? 0 : 1);
    line_is_empty = false;
  }
  return text + "\n";
}

}  // namespace npyrace
