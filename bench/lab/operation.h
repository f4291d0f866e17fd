#pragma once
// Operations of the lab's file system to which latencies and faults apply, and the parsing of
// option values. All parsers throw UsageError that quotes the value and names the expected form.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace npyrace::lab {

enum class Operation { open, read, write, fsync, close, lock, meta };
inline constexpr std::size_t kOperations = 7;

const char* operation_name(Operation operation);
std::vector<std::string> operation_names();
std::optional<Operation> find_operation(const std::string& name);
/// Throws UsageError with a suggestion.
Operation parse_operation(const std::string& name);

// Parsers of option values.

using Duration = std::chrono::microseconds;

/// Parses "250us", "2ms", "1.5s"; at most one day.
Duration parse_duration(const std::string& text);

/// Parses a decimal number; `what` names it in the error message.
std::uint64_t parse_number(const std::string& text, const std::string& what);

}  // namespace npyrace::lab
