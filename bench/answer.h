#pragma once
// Where the answer of a command goes.

#include <string>

#include "reports/terminal_report.h"

namespace npyrace {

/// Colour on terminals only, and never with NO_COLOR in the environment.
TerminalStyle style_of_standard_output();

/// Prints `text`, or writes it to `path`, whole or not at all, unless that is "" or "-". Throws
/// SystemError.
void answer_with(const std::string& text, const std::string& path);

}  // namespace npyrace
