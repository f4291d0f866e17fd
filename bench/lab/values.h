#pragma once
// Values as they are typed in options and schedules. Every function throws UsageError that quotes
// the value and says what it should be.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace npyrace::lab {

using Duration = std::chrono::microseconds;

/// "250us", "2ms", "1.5s"; at most a day.
Duration parse_duration(const std::string& text);

/// A decimal number; `what` names it in the message.
std::uint64_t parse_number(const std::string& text, const std::string& what);

std::vector<std::string> split(const std::string& text, char separator);

}  // namespace npyrace::lab
