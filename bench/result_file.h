#pragma once
// Results that earlier runs wrote.

#include <string>

#include "core/result.h"

namespace npyrace {

/// Throws SystemError, and FormatError in one line that begins with the path.
RunResult read_result_file(const std::string& path);

}  // namespace npyrace
