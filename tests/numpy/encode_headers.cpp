// Encodes headers for a test that compares them with NumPy's. Each line of standard input is
// DESCR <tab> True|False <tab> LENGTH,LENGTH,… <tab> ALIGNMENT; the answer is a line of hexadecimal
// digits, or "error: …".

#include <fmt/format.h>

#include <charconv>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "core/npy/dtype.h"
#include "core/npy/npy_header.h"

namespace {

std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> parts;
  for (std::size_t start = 0;;) {
    const std::size_t end = line.find(separator, start);
    parts.push_back(line.substr(start, end - start));
    if (end == std::string::npos) return parts;
    start = end + 1;
  }
}

std::string encoded(const std::string& line) {
  const std::vector<std::string> parts = split(line, '\t');
  npyrace::NpyHeaderSpec spec;
  spec.dtype = npyrace::dtype_from_text(parts.at(0));
  spec.fortran_order = parts.at(1) == "True";
  if (!parts.at(2).empty())
    for (const std::string& length : split(parts.at(2), ','))
      spec.shape.push_back(std::stoull(length));
  std::string digits;
  for (const std::byte byte : npyrace::encode_header(spec, std::stoull(parts.at(3))))
    digits += fmt::format("{:02x}", static_cast<unsigned>(byte));
  return digits;
}

std::string answer(const std::string& line) {
  try {
    return encoded(line);
  } catch (const std::exception& error) {
    return fmt::format("error: {}", error.what());
  }
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) std::cout << answer(line) << '\n';
}
