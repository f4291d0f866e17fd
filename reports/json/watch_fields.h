#pragma once
// The result of `watch` as JSON, and back.

#include <string>

#include "core/result/watch.h"

namespace npyrace {

/// Ends with a newline. Always valid UTF-8.
std::string watch_json(const WatchResult& result);

/// True if the text is a result of `watch`. Throws FormatError if it may be one and has a syntax
/// error.
bool is_watch_json(const std::string& text);

/// Throws FormatError with the place of the error.
WatchResult parse_watch_result(const std::string& text);

}  // namespace npyrace
