#pragma once
// The system's folder for temporary files.

#include <string>

namespace npyrace {

/// $TMPDIR, else /tmp. Throws SystemError with the variable and its value where that is no folder.
std::string temporary_folder();

}  // namespace npyrace
