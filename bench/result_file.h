#pragma once
// Results that earlier runs wrote.

#include <string>

#include "core/result.h"

namespace npyrace {

/// The text of a regular file. Throws SystemError, and FormatError for more than a gigabyte.
std::string read_text_file(const std::string& path);

/// Throws SystemError, and FormatError in one line that begins with the path.
RunResult read_result_file(const std::string& path);

}  // namespace npyrace
