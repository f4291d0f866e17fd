#include "bench/result_file.h"

#include <fmt/format.h>

#include "bench/whole_file.h"
#include "core/error.h"
#include "reports/json_result.h"

namespace npyrace {
RunResult read_result_file(const std::string& path) {
  const std::string text = read_text_file(path);
  try {
    return parse_result(text);
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("{}: {}", path, error.what()));
  }
}

}  // namespace npyrace
