#include "bench/result_file.h"

#include <fmt/format.h>

#include <span>

#include "core/error.h"
#include "core/posix_file.h"
#include "reports/json_result.h"

namespace npyrace {
namespace {

constexpr std::uint64_t kLargestBytes = std::uint64_t{1} << 30;

}  // namespace

std::string read_text_file(const std::string& path) {
  const auto file = open_posix_file(path, {});
  const std::uint64_t size_bytes = file->size_bytes();
  if (size_bytes > kLargestBytes)
    throw FormatError(fmt::format("{}: {} bytes are more than any result has", path, size_bytes));
  std::string text(size_bytes, '\0');
  text.resize(file->read_at(std::as_writable_bytes(std::span(text)), 0));
  return text;
}

RunResult read_result_file(const std::string& path) {
  const std::string text = read_text_file(path);
  try {
    return parse_result(text);
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("{}: {}", path, error.what()));
  }
}

}  // namespace npyrace
