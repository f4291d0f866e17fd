#pragma once
// The operations of the lab's file system that latencies and faults can name.

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

// Values as they are typed in options and schedules. Every function throws UsageError that quotes
// the value and says what it should be.

using Duration = std::chrono::microseconds;

/// "250us", "2ms", "1.5s"; at most a day.
Duration parse_duration(const std::string& text);

/// A decimal number; `what` names it in the message.
std::uint64_t parse_number(const std::string& text, const std::string& what);

std::vector<std::string> split(const std::string& text, char separator);

}  // namespace npyrace::lab
