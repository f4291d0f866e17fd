#pragma once
// A result read back from JSON: the inverse of json_report.h.

#include <string>

#include "core/result/result.h"

namespace npyrace {

/// What `json_report` wrote, by this version or an older one: keys that came later keep their
/// defaults, and keys that nobody knows are passed over. Throws FormatError in words that make a
/// sentence after "FILE: ": no JSON and from where on, JSON of somebody else, a value of the wrong
/// kind and where, or a schema version newer than kSchemaVersion.
RunResult parse_result(const std::string& text);

// Results that earlier runs wrote.

/// Throws SystemError, and FormatError in one line that begins with the path.
RunResult read_result_file(const std::string& path);

}  // namespace npyrace
