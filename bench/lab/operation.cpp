#include "bench/lab/operation.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "core/base/error.h"
#include "core/base/table.h"

namespace npyrace::lab {
namespace {

/// In the order of the enumeration. `meta` covers all operations on names and attributes.
constexpr const char* kNames[kOperations] = {"open",  "read", "write", "fsync",
                                             "close", "lock", "meta"};

}  // namespace

const char* operation_name(Operation operation) {
  return kNames[static_cast<std::size_t>(operation)];
}

std::vector<std::string> operation_names() {
  return {std::begin(kNames), std::end(kNames)};
}

std::optional<Operation> find_operation(const std::string& name) {
  for (std::size_t i = 0; i < kOperations; ++i)
    if (name == kNames[i]) return static_cast<Operation>(i);
  return std::nullopt;
}

namespace {

constexpr double kLongestSeconds = 86400;

double seconds_of_unit(const std::string& unit) {
  if (unit == "us") return 1e-6;
  if (unit == "ms") return 1e-3;
  if (unit == "s") return 1;
  return 0;
}

}  // namespace

Duration parse_duration(const std::string& text) {
  const std::size_t digits = text.find_first_not_of("0123456789.");
  const std::string number = text.substr(0, digits);
  const double unit = digits == std::string::npos ? 0 : seconds_of_unit(text.substr(digits));
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  const double seconds = value * unit;
  if (number.empty() || *end != '\0' || unit == 0 || !(seconds <= kLongestSeconds))
    throw UsageError(fmt::format("'{}' is not a time; write it as 250us, 2ms or 1.5s", text));
  return Duration(std::llround(seconds * 1e6));
}

std::uint64_t parse_number(const std::string& text, const std::string& what) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size())
    throw UsageError(fmt::format("{} '{}' is not a number", what, text));
  return number;
}

Operation parse_operation(const std::string& name) {
  if (const auto operation = find_operation(name)) return *operation;
  throw UsageError(unknown_name_message("operation", name, operation_names()));
}

}  // namespace npyrace::lab
