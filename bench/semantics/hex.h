#pragma once
// Bytes as hex digits, for lines of text.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace npyrace {

std::string to_hex(std::span<const std::byte> bytes);

/// Throws std::invalid_argument for anything but pairs of hex digits.
std::vector<std::byte> from_hex(std::string_view digits);

}  // namespace npyrace
