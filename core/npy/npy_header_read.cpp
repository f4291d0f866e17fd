// Reading headers: the preamble, the text, the dict, and its three values.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "core/base/checked.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/file/posix_file.h"
#include "core/npy/dtype.h"
#include "core/npy/npy_header.h"
#include "core/npy/python_literal.h"

namespace npyrace {
namespace {

using Kind = Literal::Kind;

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kVersionOffset = 6;
constexpr std::size_t kLengthOffset = 8;
constexpr std::uint64_t kLargestFileBytes = std::numeric_limits<std::int64_t>::max();
/// Maximum length of a code point in UTF-8.
constexpr std::uint64_t kLargestCodePointBytes = 4;

[[noreturn]] void fail(const std::string& path, const std::string& reason,
                       std::uint64_t offset_bytes) {
  throw FormatError(fmt::format("{}: {} (at byte {})", path, reason, offset_bytes));
}

/// The fixed part before the header text.
struct Preamble {
  FormatVersion version;
  std::uint64_t size_bytes = 0;
  std::uint64_t text_bytes = 0;
};

/// The header text in UTF-8, and the mapping of positions in it to file offsets.
struct HeaderText {
  std::string utf8;
  std::uint64_t offset_bytes = 0;
  bool latin1 = false;

  std::uint64_t file_offset(std::size_t at) const {
    const std::size_t clamped = std::min(at, utf8.size());
    return offset_bytes +
           (latin1 ? count_code_points(std::string_view(utf8).substr(0, clamped)) : clamped);
  }
};

std::string read_text(File& file, std::uint64_t offset_bytes, std::uint64_t size_bytes) {
  std::string text(as_size(size_bytes), '\0');
  const std::size_t got = file.read_at(std::as_writable_bytes(std::span(text)), offset_bytes);
  text.resize(got);
  return text;
}

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

/// Files commonly mistaken for NPY files, by their first bytes.
struct OtherKind {
  std::string_view begins;
  const char* words;
};

using namespace std::string_view_literals;

constexpr OtherKind kOtherKinds[] = {
    {"PK\x03\x04"sv,
     "a ZIP archive, as np.savez writes it (.npz): unpack it, each array in it is an NPY file"},
    {"PK\x05\x06"sv, "an empty ZIP archive, as np.savez writes it (.npz)"},
    {"\x1f\x8b"sv, "compressed by gzip: unpack it first"},
    {"\x89HDF"sv, "an HDF5 file"},
    {"\x80\x02"sv, "a Python pickle"},
    {"\x80\x03"sv, "a Python pickle"},
    {"\x80\x04"sv, "a Python pickle"},
    {"\x80\x05"sv, "a Python pickle"},
    {"\0\0\0\0\0\0"sv, "it begins with zeros: its header was never written, or is lost"},
};

std::string what_it_is(std::string_view bytes) {
  if (bytes.empty()) return "the file is empty: it has not even a header";
  for (const OtherKind& kind : kOtherKinds)
    if (bytes.starts_with(kind.begins)) return fmt::format("not an NPY file, but {}", kind.words);
  return "not an NPY file: it does not begin with \\x93NUMPY";
}

Preamble read_preamble(File& file) {
  const std::string bytes = read_text(file, 0, 12);
  const std::string_view magic = std::string_view(bytes).substr(0, kMagic.size());
  if (magic != kMagic.substr(0, magic.size()) || bytes.empty())
    fail(file.path(), what_it_is(bytes), 0);
  if (bytes.size() < kLengthOffset)
    fail(file.path(), "the file ends in its magic string", bytes.size());
  const FormatVersion version{static_cast<unsigned char>(bytes[kVersionOffset]),
                              static_cast<unsigned char>(bytes[kVersionOffset + 1])};
  if (version.major < 1 || version.major > 3 || version.minor != 0)
    fail(file.path(), fmt::format("unknown NPY version {}.{}", version.major, version.minor),
         kVersionOffset);
  const std::size_t length_bytes = version.major == 1 ? 2 : 4;
  if (bytes.size() < kLengthOffset + length_bytes)
    fail(file.path(), "the file ends in the length of its header", bytes.size());
  const std::string_view length = std::string_view(bytes).substr(kLengthOffset, length_bytes);
  return {version, kLengthOffset + length_bytes, little_endian(length)};
}

[[noreturn]] void fail_too_long(const std::string& path, std::uint64_t characters,
                                const ReadLimits& limits) {
  throw HeaderTooLong(
      fmt::format("{}: a header of {} characters, more than the limit of {} (at byte {})", path,
                  characters, limits.header_characters, kLengthOffset));
}

/// Rejects impossible lengths before allocating memory.
void check_length(File& file, const Preamble& preamble, const ReadLimits& limits) {
  const std::uint64_t character_bytes = preamble.version.major == 3 ? kLargestCodePointBytes : 1;
  const CheckedSize largest = checked_multiply(limits.header_characters, character_bytes);
  const std::uint64_t file_bytes = file.size_bytes();
  if (file_bytes < preamble.size_bytes || file_bytes - preamble.size_bytes < preamble.text_bytes)
    fail(file.path(),
         fmt::format("the header claims {} bytes, but the file ends after {}", preamble.text_bytes,
                     file_bytes),
         file_bytes);
  if (largest && preamble.text_bytes > *largest)
    fail_too_long(file.path(), preamble.text_bytes / character_bytes, limits);
}

HeaderText read_header_text(File& file, const Preamble& preamble, const ReadLimits& limits) {
  check_length(file, preamble, limits);
  HeaderText text;
  text.offset_bytes = preamble.size_bytes;
  text.latin1 = preamble.version.major < 3;
  std::string raw = read_text(file, preamble.size_bytes, preamble.text_bytes);
  if (raw.size() < preamble.text_bytes)
    fail(file.path(), "the file ends in its header", preamble.size_bytes + raw.size());
  if (!text.latin1) {
    if (const auto bad = first_invalid_utf8(raw))
      fail(file.path(), "the header is not UTF-8", preamble.size_bytes + *bad);
  }
  text.utf8 = text.latin1 ? latin1_to_utf8(raw) : std::move(raw);
  const std::uint64_t characters = count_code_points(text.utf8);
  if (characters > limits.header_characters) fail_too_long(file.path(), characters, limits);
  return text;
}

/// Converts the header's dict to values. Errors contain positions in the text.
class HeaderReader {
 public:
  HeaderReader(const std::string& path, const HeaderText& text) : path_(path), text_(text) {}

  NpyHeader read(const Preamble& preamble) const {
    const Literal dict = parse(preamble.version);
    check_keys(dict);
    NpyHeader header;
    header.version = preamble.version;
    header.data_offset_bytes = preamble.size_bytes + preamble.text_bytes;
    header.shape = shape(*dict.find("shape"));
    header.fortran_order = fortran_order(*dict.find("fortran_order"));
    header.dtype = dtype(*dict.find("descr"));
    check_size(header, *dict.find("shape"));
    return header;
  }

 private:
  [[noreturn]] void fail_at(const std::string& reason, std::size_t offset_bytes) const {
    fail(path_, reason, text_.file_offset(offset_bytes));
  }

  [[noreturn]] void fail_at(const std::string& reason, const Literal& literal) const {
    fail_at(reason, literal.offset_bytes);
  }

  Literal parse(const FormatVersion& version) const {
    const auto dialect = version.major < 3 ? PythonDialect::python2_longs : PythonDialect::python3;
    try {
      return parse_literal(text_.utf8, dialect);
    } catch (const LiteralError& error) {
      fail_at(fmt::format("the header is not a Python literal: {}", error.what()),
              error.offset_bytes());
    }
  }

  void check_keys(const Literal& dict) const {
    constexpr std::string_view kKeys[] = {"descr", "fortran_order", "shape"};
    if (dict.kind != Kind::dict) fail_at("the header is not a dict", dict);
    for (const std::string_view key : kKeys)
      if (dict.find(key) == nullptr) fail_at(fmt::format("the header has no key '{}'", key), dict);
    for (std::size_t i = 0; i < dict.items.size(); i += 2) {
      const Literal& key = dict.items[i];
      if (key.kind != Kind::text ||
          std::find(std::begin(kKeys), std::end(kKeys), key.text) == std::end(kKeys))
        fail_at("the header has a key that is none of 'descr', 'fortran_order', 'shape'", key);
    }
  }

  std::vector<std::uint64_t> shape(const Literal& literal) const {
    if (literal.kind != Kind::tuple) fail_at("the shape is not a tuple", literal);
    if (literal.items.size() > kLargestDimensions)
      fail_at(fmt::format("a shape of {} dimensions, more than {}", literal.items.size(),
                          kLargestDimensions),
              literal);
    std::vector<std::uint64_t> lengths;
    for (const Literal& item : literal.items) {
      if (!item.is_integer()) fail_at("a dimension that is not an integer", item);
      if (!item.integer || *item.integer < 0)
        fail_at("a dimension that is negative or beyond 63 bits", item);
      lengths.push_back(static_cast<std::uint64_t>(*item.integer));
    }
    return lengths;
  }

  bool fortran_order(const Literal& literal) const {
    if (literal.kind != Kind::boolean) fail_at("fortran_order is neither True nor False", literal);
    return literal.boolean;
  }

  Dtype dtype(const Literal& literal) const {
    try {
      return dtype_from_descr(literal);
    } catch (const DtypeError& error) {
      fail_at(fmt::format("descr is not a data type: {}", error.what()), error.offset_bytes());
    }
  }

  /// NumPy multiplies all lengths except zeros, so that no stride can overflow either.
  void check_size(const NpyHeader& header, const Literal& at) const {
    CheckedSize bytes = std::max<std::uint64_t>(header.itemsize_bytes(), 1);
    for (const std::uint64_t length : header.shape)
      if (length > 0) bytes = checked_multiply(bytes, length);
    bytes = checked_add(bytes, header.data_offset_bytes);
    if (!bytes || *bytes > kLargestFileBytes)
      fail_at("a shape of more bytes than 63 bits can count", at);
  }

  const std::string& path_;
  const HeaderText& text_;
};

}  // namespace

NpyHeader read_header(File& file, const ReadLimits& limits) {
  const Preamble preamble = read_preamble(file);
  const HeaderText text = read_header_text(file, preamble, limits);
  return HeaderReader(file.path(), text).read(preamble);
}

NpyHeader read_header(const std::string& path, const ReadLimits& limits) {
  const auto file = open_posix_file(path, {.access = Access::read});
  const NpyHeader header = read_header(*file, limits);
  file->close();
  return header;
}

}  // namespace npyrace
