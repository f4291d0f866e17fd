#include "core/npy_header.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/checked.h"
#include "core/error.h"

namespace npyrace {
namespace {

CheckedSize product(const std::vector<std::uint64_t>& lengths, std::size_t first) {
  CheckedSize result = 1;
  for (std::size_t i = first; i < lengths.size(); ++i)
    result = checked_multiply(result, lengths[i]);
  return result;
}

std::uint64_t require(CheckedSize size) {
  if (!size) throw UsageError("the array is larger than 64 bits can count");
  return *size;
}

}  // namespace

std::uint64_t NpyHeader::element_count() const {
  return require(product(shape, 0));
}

std::uint64_t NpyHeader::data_bytes() const {
  return require(checked_multiply(product(shape, 0), itemsize_bytes()));
}

std::uint64_t NpyHeader::record_count() const {
  return shape.empty() ? 1 : shape[0];
}

std::uint64_t NpyHeader::record_bytes() const {
  return require(checked_multiply(product(shape, shape.empty() ? 0 : 1), itemsize_bytes()));
}

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  return fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
}

}  // namespace npyrace
