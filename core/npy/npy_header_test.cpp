#include "core/npy/npy_header.h"

#include <cstring>

#include "core/base/error.h"
#include "core/file/posix_file.h"
#include "core/npy/dtype.h"
#include "tests/catch.h"
#include "tests/forwarding_file.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using npyrace::testing::TemporaryFolder;

namespace {

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string with_preamble(unsigned major, const std::string& text) {
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(major);
  bytes += '\0';
  for (unsigned i = 0; i < (major == 1 ? 2u : 4u); ++i)
    bytes += static_cast<char>(text.size() >> (8 * i));
  return bytes + text;
}

std::string written(const TemporaryFolder& folder, const std::string& bytes) {
  static int count = 0;
  const std::string path = folder.file(std::to_string(count++));
  open_posix_file(path, {.access = Access::read_write, .create_new = true})
      ->write_at(std::as_bytes(std::span(bytes)), 0);
  return path;
}

NpyHeaderSpec spec_of(const char* dtype, std::vector<std::uint64_t> shape) {
  return {dtype_from_text(dtype), false, std::move(shape)};
}

/// Counts calls and records the highest offset read.
class CountingFile final : public npyrace::testing::ForwardingFile {
 public:
  using ForwardingFile::ForwardingFile;
  std::size_t read_at(std::span<std::byte> buffer, std::uint64_t offset_bytes) override {
    ++reads;
    end_bytes = std::max(end_bytes, offset_bytes + buffer.size());
    return ForwardingFile::read_at(buffer, offset_bytes);
  }
  void write_at(std::span<const std::byte>, std::uint64_t) override { FAIL("a write"); }
  std::unique_ptr<Mapping> map(const MapRequest&) override {
    FAIL("a mapping");
    return nullptr;
  }
  void lock(std::uint64_t, std::uint64_t) override { FAIL("a lock"); }
  void allocate(std::uint64_t) override { FAIL("an allocation"); }

  int reads = 0;
  std::uint64_t end_bytes = 0;
};

}  // namespace

TEST_CASE("the header of a known file is written byte for byte", "[header]") {
  const auto bytes = encode_header(spec_of("[('start_ns','<i8'),('finish_ns','<i8')]", {60000}));
  const std::string dict =
      "{'descr': [('start_ns', '<i8'), ('finish_ns', '<i8')], 'fortran_order': False, 'shape': "
      "(60000,), }";
  const std::string text = dict + std::string(118 - 1 - dict.size(), ' ') + "\n";
  CHECK(text_of(bytes) == with_preamble(1, text));
}

TEST_CASE("a written header is read back unchanged", "[header]") {
  const TemporaryFolder folder;
  for (const char* dtype :
       {"<f8", "[('a','>i2'),('','V2')]", "[('\xce\xbb','i1')]", "[('\xc3\xa9','i1')]"}) {
    NpyHeaderSpec spec = spec_of(dtype, {3, 4});
    spec.fortran_order = true;
    const auto bytes = encode_header(spec);
    const NpyHeader header = read_header(written(folder, text_of(bytes)));
    CHECK(header.dtype == spec.dtype);
    CHECK(header.shape == spec.shape);
    CHECK(header.fortran_order);
    CHECK(header.data_offset_bytes == bytes.size());
  }
}

TEST_CASE("the version is the first that can hold the header", "[header]") {
  CHECK(encode_header(spec_of("[('\xc3\xa9','i1')]", {}))[6] == std::byte{1});
  CHECK(encode_header(spec_of("[('\xce\xbb','i1')]", {}))[6] == std::byte{3});
}

TEST_CASE("data begin at a multiple of the alignment", "[header]") {
  for (std::uint64_t alignment = 64; alignment <= 8192; alignment *= 2)
    CHECK(encode_header(spec_of("<f8", {5}), alignment).size() % alignment == 0);
  for (const std::uint64_t wrong : {0, 1, 32, 96, 16384})
    CHECK_THROWS_AS(encode_header(spec_of("<f8", {5}), wrong), UsageError);
}

TEST_CASE("no header is written that NumPy would not read back", "[header]") {
  NpyHeaderSpec spec = spec_of("<f8", {5});
  StructType type;
  for (int i = 0; i < 500; ++i)
    type.fields.push_back(
        {"field" + std::to_string(i), std::nullopt, spec.dtype, static_cast<std::uint64_t>(8 * i)});
  type.item_bytes = 4000;
  spec.dtype = Dtype(type);
  CHECK_THROWS_AS(encode_header(spec), UsageError);
}

TEST_CASE("a subarray is a field's type, not an array's", "[header]") {
  CHECK_THROWS_WITH(
      encode_header(spec_of("(2,)f8", {3})),
      "('<f8', (2,)) is no data type for an array: its dimensions (2,) belong to the shape");
  CHECK_NOTHROW(encode_header(spec_of("[('a', '(2,)f8')]", {3})));
}

TEST_CASE("a header is read by two reads that touch no data", "[header]") {
  const TemporaryFolder folder;
  const auto bytes = encode_header(spec_of("<f8", {3}));
  const std::string path = written(folder, text_of(bytes) + std::string(24, 'x'));
  CountingFile file(open_posix_file(path, {}));
  CHECK(read_header(file).data_bytes() == 24);
  CHECK(file.reads == 2);
  CHECK(file.end_bytes == bytes.size());
}

TEST_CASE("the error for a bad header is one line with file, reason and byte offset", "[header]") {
  const TemporaryFolder folder;
  const auto complaint = [&folder](const std::string& bytes) {
    const std::string path = written(folder, bytes);
    try {
      read_header(path);
    } catch (const FormatError& error) {
      const std::string words = error.what();
      REQUIRE(words.substr(0, path.size() + 2) == path + ": ");
      return words.substr(path.size() + 2);
    }
    return std::string("accepted");
  };
  const auto dict = [](const std::string& descr, const std::string& shape) {
    return "{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + "}";
  };
  CHECK(complaint("") == "the file is empty: it has not even a header (at byte 0)");
  CHECK(complaint("hello") == "not an NPY file: it does not begin with \\x93NUMPY (at byte 0)");
  CHECK(complaint("\x93NUM") == "the file ends in its magic string (at byte 4)");
  CHECK(complaint(with_preamble(4, "")) == "unknown NPY version 4.0 (at byte 6)");
  CHECK(complaint(with_preamble(1, dict("'<f8'", "(3,)")).substr(0, 40)) ==
        "the header claims 55 bytes, but the file ends after 40 (at byte 40)");
  CHECK(complaint(with_preamble(1, dict("'<f5'", "(3,)"))) ==
        "descr is not a data type: not a data type: '<f5' (at byte 20)");
  CHECK(complaint(with_preamble(1, dict("'<f8'", "(-3,)"))) ==
        "a dimension that is negative or beyond 63 bits (at byte 61)");
  CHECK(complaint(with_preamble(1, dict("'<f8'", "(1152921504606846976,)"))) ==
        "a shape of more bytes than 63 bits can count (at byte 60)");
  // Positions are file offsets, also after multi-byte characters.
  CHECK(complaint(with_preamble(1, dict("[('\xe9\xe9','i5')]", "(3,)"))) ==
        "descr is not a data type: not a data type: 'i5' (at byte 27)");
  CHECK(complaint(with_preamble(3, dict("[('\xce\xbb\xce\xbb','i5')]", "(3,)"))) ==
        "descr is not a data type: not a data type: 'i5' (at byte 31)");
  CHECK(complaint(with_preamble(3, "{'\xff'")) == "the header is not UTF-8 (at byte 14)");
}

TEST_CASE("the limit is counted in characters and can be raised", "[header]") {
  const TemporaryFolder folder;
  const std::string dict = "{'descr': '<f8', 'fortran_order': False, 'shape': (3,)}#";
  const std::string two_bytes = "\xc3\xa9";
  std::string text = dict;
  while (text.size() < dict.size() + 2 * (10000 - dict.size())) text += two_bytes;
  CHECK(read_header(written(folder, with_preamble(3, text))).shape.size() == 1);
  const std::string path = written(folder, with_preamble(3, text + two_bytes));
  CHECK_THROWS_AS(read_header(path), FormatError);
  CHECK(read_header(path, {.header_characters = 10001}).shape.size() == 1);
}

TEST_CASE("sizes are computed from the shape", "[header]") {
  NpyHeader header;
  header.dtype = dtype_from_text("<f8");
  header.shape = {1440, 1000};
  CHECK(header.element_count() == 1440000);
  CHECK(header.record_count() == 1440);
  CHECK(header.record_bytes() == 8000);
  header.shape = {};
  CHECK(header.data_bytes() == 8);
  CHECK(header.record_bytes() == 8);
  header.shape = {UINT64_MAX, 2};
  CHECK_THROWS_AS(header.data_bytes(), UsageError);
}
