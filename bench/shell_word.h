#pragma once
// Text as one word of a shell command.

#include <string>

namespace npyrace {

/// As it stands where no character means anything to a shell, else between quotes.
std::string shell_word(const std::string& text);

}  // namespace npyrace
