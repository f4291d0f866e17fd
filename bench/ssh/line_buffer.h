#pragma once
// Lines out of pieces of text as they come.

#include <optional>
#include <string>
#include <string_view>

namespace npyrace {

class LineBuffer {
 public:
  void add(std::string_view part) { text_.append(part); }

  /// The next whole line, without its end; carriage returns of terminals are no part of it.
  std::optional<std::string> next() {
    const std::size_t end = text_.find('\n', begin_);
    if (end == std::string::npos) {
      text_.erase(0, begin_);
      begin_ = 0;
      return std::nullopt;
    }
    std::string line = text_.substr(begin_, end - begin_);
    begin_ = end + 1;
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }

 private:
  std::string text_;
  std::size_t begin_ = 0;
};

}  // namespace npyrace
