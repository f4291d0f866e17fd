#include "core/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "core/base/checked.h"

namespace npyrace {
namespace {

std::string sentence(const SystemError::Where& where, int error_number) {
  std::string words = std::generic_category().message(error_number);
  if (error_number == EMFILE) words += ", as many as ulimit -n allows";
  if (!where.offset_bytes) return fmt::format("{}: {}: {}", where.path, where.call, words);
  return fmt::format("{}: {}: {} (at byte {})", where.path, where.call, words, *where.offset_bytes);
}

}  // namespace

std::string without_nul(std::string text) {
  for (std::size_t at = 0; (at = text.find('\0', at)) != std::string::npos; at += 4)
    text.replace(at, 1, "\\x00");
  return text;
}

void refuse_size(std::uint64_t value) {
  throw FormatError(fmt::format("{} bytes are more than the memory of a program of {} bits can be",
                                value, 8 * sizeof(std::size_t)));
}

bool is_missing_call(int error_number) {
  return error_number == ENOSYS || error_number == EPERM;
}

SystemError::SystemError(Where where, int error_number, std::initializer_list<int> unsupported)
    : std::runtime_error(sentence(where, error_number)),
      where_(std::move(where)),
      error_number_(error_number),
      cause_(std::ranges::count(unsupported, error_number) > 0 ? Cause::unsupported
                                                               : Cause::failure) {}

}  // namespace npyrace
