#include "reports/json/json_result.h"

#include <fmt/format.h>

#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "reports/json/result_fields.h"
#include "reports/json/watch_fields.h"

namespace npyrace {

RunResult parse_result(const std::string& text) {
  JsonDocument document(text);
  if (!document.has("npyrace"))
    throw FormatError(
        "JSON, but no result of npyrace: it has no key 'npyrace'; give what --json wrote");
  RunResult result;
  document.read("npyrace", result, Missing::keeps_default);
  document.erase("npyrace");
  result.google_benchmark_json = document.lines(NotUtf8::replaced);
  return result;
}

namespace {

/// Adds the path to errors of format.
template <typename Parse>
auto parsed_file(const std::string& path, Parse parse) {
  const std::string text = read_text_file(path);
  try {
    return parse(text);
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("{}: {}", path, error.what()));
  }
}

}  // namespace

RunResult read_result_file(const std::string& path) {
  return parsed_file(path, parse_result);
}

std::optional<WatchResult> read_watch_result_file(const std::string& path) {
  return parsed_file(path, [](const std::string& text) {
    return is_watch_json(text) ? std::optional(parse_watch_result(text)) : std::nullopt;
  });
}

}  // namespace npyrace
