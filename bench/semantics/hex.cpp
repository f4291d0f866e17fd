#include "bench/semantics/hex.h"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

namespace npyrace {

std::string to_hex(std::span<const std::byte> bytes) {
  std::string digits;
  for (const std::byte byte : bytes) digits += fmt::format("{:02x}", std::to_integer<int>(byte));
  return digits;
}

std::vector<std::byte> from_hex(std::string_view digits) {
  std::vector<std::byte> bytes;
  for (std::size_t at = 0; at < digits.size(); at += 2) {
    const std::string_view pair = digits.substr(at, 2);
    unsigned value = 0;
    const auto end = std::from_chars(pair.begin(), pair.end(), value, 16).ptr;
    if (pair.size() != 2 || end != pair.end())
      throw std::invalid_argument(fmt::format("'{}' are no hex digits", pair));
    bytes.push_back(static_cast<std::byte>(value));
  }
  return bytes;
}

}  // namespace npyrace
