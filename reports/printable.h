#pragma once
// Foreign text on a terminal.

#include <string>
#include <string_view>

namespace npyrace {

/// `text` with everything but printable characters escaped as Python's repr() does it, so that no
/// name can move the cursor or end a line.
std::string printable(std::string_view text);

}  // namespace npyrace
