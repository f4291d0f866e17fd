#pragma once
// The forms that may follow an option, checked before it is converted, so that a mistake is told as
// "what is wanted" and not as CLI11's range of 309 digits.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace npyrace {

/// Digits alone. For check().
CLI::Validator whole_number(std::uint64_t least = 0,
                            std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

/// Bytes, with a unit or without: 4096, 4k, 1M (of 1024). Becomes the number. For transform().
CLI::Validator size_in_bytes();

/// The units a time may have, in seconds each.
using TimeUnits = std::map<std::string, double>;

/// A time, not negative; without a unit seconds. `example` is for the message: "90s, 10m". Becomes
/// the number. For transform().
CLI::Validator time_span(const TimeUnits& units, const std::string& example,
                         double most_seconds = 1e9);

/// For check().
CLI::Validator one_of(const std::vector<std::string>& words);

}  // namespace npyrace
