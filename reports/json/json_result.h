#pragma once
// Reading results from JSON: the inverse of json_report.h.

#include <optional>
#include <string>

#include "core/result/result.h"
#include "core/result/watch.h"

namespace npyrace {

/// Reads the output of `json_report` of this or an older version: missing keys keep their defaults,
/// unknown keys are ignored. Throws FormatError, whose message continues "FILE: ": for a syntax
/// error with its offset, for JSON of another origin, for a value of the wrong type with its path,
/// and for a schema version newer than kSchemaVersion.
RunResult parse_result(const std::string& text);

// Result files.

/// A result of `watch`; nothing if the file has another kind of result. Throws as read_result_file
/// does.
std::optional<WatchResult> read_watch_result_file(const std::string& path);

/// Throws SystemError, and FormatError with one line that begins with the path.
RunResult read_result_file(const std::string& path);

}  // namespace npyrace
