#include <fstream>

#include "bench/storage/known_array.h"
#include "core/npy/dtype.h"
#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using npyrace::testing::TemporaryFolder;

namespace {

/// A file with `header_bytes` before its data; the dictionary is padded with blanks.
std::string npy_file(const std::string& dictionary, std::size_t header_bytes,
                     std::size_t data_bytes, char major = 1, bool line_end = true) {
  const std::size_t lead = major == 1 ? 10 : 12;
  std::string text = dictionary;
  text.resize(header_bytes - lead - (line_end ? 1 : 0), ' ');
  if (line_end) text += '\n';
  std::string file = "\x93NUMPY";
  file += major;
  file += '\0';
  for (std::size_t i = 0; i < lead - 8; ++i)
    file += static_cast<char>((text.size() >> (8 * i)) & 0xff);
  return file + text + std::string(data_bytes, '\0');
}

struct Given {
  std::string write(const std::string& bytes) const {
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  TemporaryFolder folder;
  std::string path = folder.file("a.npy");
};

}  // namespace

TEST_CASE("a header with the same meaning by another writer is accepted", "[header_words]") {
  const Given given;
  const ArrayRequest request{.descr = "<i8", .records = 10};
  const auto offset_of = [&](const std::string& bytes) {
    return ArrayMap(with_own_header(request, given.write(bytes))).data_offset_bytes();
  };
  const std::string plain = "{'descr': '<i8', 'fortran_order': False, 'shape': (10,)}";
  CHECK(offset_of(npy_file(plain, 80, 80)) == 80);
  CHECK(offset_of(npy_file(plain, 112, 80)) == 112);
  CHECK(offset_of(npy_file(plain, 67, 80)) == 67);
  CHECK(offset_of(npy_file(plain, 80, 80, 1, false)) == 80);
  CHECK(offset_of(npy_file(plain, 96, 80, 2)) == 96);
  CHECK(offset_of(npy_file(plain, 96, 80, 3)) == 96);
  CHECK(offset_of(npy_file("{'shape':(10,),'fortran_order':True,'descr':'int64'}", 80, 80)) == 80);
  CHECK(offset_of(npy_file("{'descr': '<f8', 'fortran_order': False, 'shape': (10,)}", 80, 80)) ==
        128);
  CHECK(offset_of("no header at all") == 128);
}

TEST_CASE("differences between headers are named", "[header_words]") {
  const Given given;
  const auto words = [&](const ArrayRequest& request, const std::string& dictionary) {
    return header_words(given.write(npy_file(dictionary, 128, 8)), ArrayMap(request));
  };
  CHECK(words({.descr = "<f8", .records = 10},
              "{'descr': '<f4', 'fortran_order': False, 'shape': (11,)}") ==
        "its header says descr '<f4' where '<f8' belongs, and shape (11,) where (10,) belongs");
  const ArrayRequest rows{.descr = "<f8", .row_shape = {3}, .records = 10};
  CHECK(words(rows, "{'descr': '<f8', 'fortran_order': True, 'shape': (10, 3)}") ==
        "its header says Fortran order where C order belongs");
  CHECK(words({.descr = "|i1", .records = 10},
              "{'descr': '<i1', 'fortran_order': True, 'shape': (10,)}") ==
        "bytes of its header changed; what it says did not");
  CHECK(words(rows, "{'descr': '<f8'").starts_with("its header cannot be read: "));
}

TEST_CASE("Fortran order is irrelevant for one axis", "[header_words]") {
  CHECK_FALSE(order_matters({}));
  CHECK_FALSE(order_matters({10}));
  CHECK_FALSE(order_matters({10, 1, 1}));
  CHECK_FALSE(order_matters({1, 10}));
  CHECK(order_matters({10, 2}));
  CHECK_FALSE(order_matters({0, 10, 2}));
}
