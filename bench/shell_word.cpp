#include "bench/shell_word.h"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace npyrace {
namespace {

bool is_plain(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || std::strchr("/._-+@%", c);
}

}  // namespace

std::string shell_word(const std::string& text) {
  if (!text.empty() && std::ranges::all_of(text, is_plain)) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

}  // namespace npyrace
