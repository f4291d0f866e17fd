#include "bench/header_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/dtype_descr.h"
#include "core/npy_header.h"
#include "core/posix_file.h"

namespace npyrace {

std::string header_bytes(const std::string& file, const NpyHeader& header) {
  std::string bytes(static_cast<std::size_t>(header.data_offset_bytes), '\0');
  open_posix_file(file, {})->read_at(std::as_writable_bytes(std::span(bytes)), 0);
  return bytes;
}

bool order_matters(const std::vector<std::uint64_t>& shape) {
  return std::ranges::count_if(shape, [](std::uint64_t length) { return length != 1; }) > 1 &&
         std::ranges::find(shape, 0u) == shape.end();
}

std::string header_difference(const NpyHeader& found, const NpyHeaderSpec& wanted) {
  std::string words;
  const auto add = [&](const std::string& is, const std::string& should_be) {
    words += fmt::format("{}{} where {} belongs", words.empty() ? "" : ", and ", is, should_be);
  };
  if (!(found.dtype == wanted.dtype))
    add("descr " + descr_text(found.dtype), descr_text(wanted.dtype));
  if (found.shape != wanted.shape)
    add("shape " + shape_text(found.shape), shape_text(wanted.shape));
  if (found.fortran_order != wanted.fortran_order && order_matters(found.shape))
    add(found.fortran_order ? "Fortran order" : "C order",
        wanted.fortran_order ? "Fortran order" : "C order");
  return words;
}

std::string header_words(const std::string& file, const ArrayMap& map) {
  try {
    const std::string difference = header_difference(read_header(file), map.header_spec());
    if (!difference.empty()) return "its header says " + difference;
    return "bytes of its header changed; what it says did not";
  } catch (const std::exception& error) {
    return fmt::format("its header cannot be read: {}", error.what());
  }
}

std::string saved_over_words(const std::string& file) {
  try {
    const auto opened = open_posix_file(file, {});
    const NpyHeader header = read_header(*opened);
    const std::vector<std::byte> numpys = encode_header(
        {.dtype = header.dtype, .fortran_order = header.fortran_order, .shape = header.shape});
    std::vector<std::byte> found(numpys.size());
    found.resize(opened->read_at(found, 0));
    if (found != numpys) return "";
    return "these are the very bytes that np.save writes: a program saved an array of its own over this "
           "one";
  } catch (const std::exception&) {
    return "";  // no header that anybody could have saved
  }
}

ArrayRequest with_own_header(ArrayRequest request, const std::string& file) {
  try {
    const NpyHeader header = read_header(file);
    ArrayRequest plain = request;
    plain.header.clear();
    const ArrayMap map(plain);
    if (!header_difference(header, map.header_spec()).empty()) return request;
    std::string bytes = header_bytes(file, header);
    const auto as_written = std::as_bytes(std::span(bytes));
    request.header = std::ranges::equal(as_written, map.header()) ? "" : std::move(bytes);
  } catch (const std::exception&) {
    // The comparison afterwards tells what is wrong with it.
  }
  return request;
}

}  // namespace npyrace
