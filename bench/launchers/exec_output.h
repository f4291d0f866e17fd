#pragma once
// What programs of the user's own have printed, and what is left of it when they fail.

#include <string>

namespace npyrace {

/// The last line that is not empty.
std::string last_line(const std::string& path);

/// Leaves output of more than one line where its user finds it, and returns where; empty: the last
/// line is all there is, or it could not be kept.
std::string keep_output(const std::string& path);

}  // namespace npyrace
