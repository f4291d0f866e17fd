#include "core/npy/npy_header.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <optional>
#include <string_view>

#include "core/base/checked.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/npy/dtype.h"

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

// Writing headers: byte for byte as NumPy's write_array_header, and the same with larger alignment.
namespace {

/// NumPy reserves that many digits for the axis that may grow.
constexpr std::size_t kGrowthDigits = 21;
constexpr std::uint64_t kMagicBytes = 8;
constexpr std::uint64_t kLargestVersion1Bytes = 0xffff;

/// Padding for growth of the first axis, in Fortran order of the last.
std::string growth_room(const NpyHeaderSpec& spec) {
  if (spec.shape.empty()) return "";
  const std::uint64_t length = spec.fortran_order ? spec.shape.back() : spec.shape.front();
  const std::size_t digits = std::to_string(length).size();
  return std::string(kGrowthDigits - std::min(digits, kGrowthDigits), ' ');
}

std::string dict_text(const NpyHeaderSpec& spec) {
  return fmt::format("{{'descr': {}, 'fortran_order': {}, 'shape': {}, }}{}",
                     descr_text(spec.dtype), spec.fortran_order ? "True" : "False",
                     shape_text(spec.shape), growth_room(spec));
}

/// Converts to Latin-1; nothing if a character does not exist there.
std::optional<std::string> to_latin1(std::string_view utf8) {
  std::string converted;
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint point = decode_utf8(utf8, at);
    if (point.value > 0xFF) return std::nullopt;
    converted.push_back(static_cast<char>(point.value));
    at += point.size_bytes;
  }
  return converted;
}

struct Encoding {
  unsigned major;
  std::uint64_t length_bytes;
};

/// Appends spaces and a newline, so that the data offset is a multiple of the alignment. At least
/// one space: if none is needed, NumPy adds a whole unit.
std::string padded(std::string text, const Encoding& encoding, std::uint64_t alignment_bytes) {
  const std::uint64_t used_bytes = kMagicBytes + encoding.length_bytes + text.size() + 1;
  text.append(as_size(alignment_bytes - used_bytes % alignment_bytes), ' ');
  return text + '\n';
}

void require_alignment(std::uint64_t alignment_bytes) {
  const bool in_range =
      alignment_bytes >= kDefaultAlignmentBytes && alignment_bytes <= kLargestAlignmentBytes;
  if (!in_range || !std::has_single_bit(alignment_bytes))
    throw UsageError(fmt::format("an alignment of {} bytes is not a power of two from {} to {}",
                                 alignment_bytes, kDefaultAlignmentBytes, kLargestAlignmentBytes));
}

/// np.load cannot read such files, though numpy.memmap can.
void refuse_subarray(const Dtype& dtype) {
  if (dtype.subarray() != nullptr)
    throw UsageError(
        fmt::format("{} is no data type for an array: its dimensions {} belong to the shape",
                    descr_text(dtype), shape_text(dtype.subarray()->shape)));
}

std::vector<std::byte> assembled(const std::string& text, const Encoding& encoding) {
  std::string bytes = "\x93NUMPY";
  bytes.push_back(static_cast<char>(encoding.major));
  bytes.push_back('\0');
  for (std::uint64_t i = 0; i < encoding.length_bytes; ++i)
    bytes.push_back(static_cast<char>(text.size() >> (8 * i)));
  bytes += text;
  const auto view = std::as_bytes(std::span(bytes));
  return {view.begin(), view.end()};
}

}  // namespace

std::vector<std::byte> encode_header(const NpyHeaderSpec& spec, std::uint64_t alignment_bytes) {
  require_alignment(alignment_bytes);
  refuse_subarray(spec.dtype);
  const std::string utf8 = dict_text(spec);
  const std::optional<std::string> latin1 = to_latin1(utf8);
  Encoding encoding = latin1 ? Encoding{1, 2} : Encoding{3, 4};
  std::string text = padded(latin1.value_or(utf8), encoding, alignment_bytes);
  if (latin1 && text.size() > kLargestVersion1Bytes) {
    encoding = {2, 4};
    text = padded(*latin1, encoding, alignment_bytes);
  }
  const std::uint64_t characters = latin1 ? text.size() : count_code_points(text);
  if (characters > kDefaultHeaderCharacters)
    throw UsageError(fmt::format("a header of {} characters: NumPy reads no more than {}",
                                 characters, kDefaultHeaderCharacters));
  return assembled(text, encoding);
}

}  // namespace npyrace
