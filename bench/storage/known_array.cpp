#include "bench/storage/known_array.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <span>
#include <vector>

#include "core/base/checked.h"
#include "core/base/error.h"
#include "core/file/posix_file.h"
#include "core/npy/dtype.h"
#include "core/npy/npy_header.h"

namespace npyrace {

std::string header_bytes(const std::string& file, const NpyHeader& header) {
  std::string bytes(as_size(header.data_offset_bytes), '\0');
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

namespace {

std::string meaning_text(const Dtype& dtype, bool fortran_order,
                         const std::vector<std::uint64_t>& shape) {
  return fmt::format("descr {}, {} order, shape {}", descr_text(dtype),
                     fortran_order ? "Fortran" : "C", shape_text(shape));
}

}  // namespace

void explain_header(std::vector<Example>& examples, const std::string& file, const ArrayMap& map) {
  try {
    const NpyHeader found = read_header(file);
    const NpyHeaderSpec wanted = map.header_spec();
    if (header_difference(found, wanted).empty()) return;
    for (Example& example : examples) {
      if (example.region != Region::header || example.anomaly != Anomaly::header) continue;
      example.offset_bytes = 0;
      example.expected = meaning_text(wanted.dtype, wanted.fortran_order, wanted.shape);
      example.found = meaning_text(found.dtype, found.fortran_order, found.shape);
    }
  } catch (const std::exception&) {
    // The meaning of an unreadable header is unknown: keep the different byte as the example.
  }
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
    return "";  // not a header that np.save could have written
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
    // the comparison of headers reports the error
  }
  return request;
}

namespace {

/// Only a packed array's header describes its records.
ArrayRequest request_from_header(const std::string& file) {
  const NpyHeader header = read_header(file);
  if (header.fortran_order && order_matters(header.shape))
    throw FormatError(file + ": Fortran order; records must be contiguous");
  if (header.shape.empty()) throw FormatError(file + ": an array without an axis has no records");
  return with_own_header({.descr = descr_text(header.dtype),
                          .row_shape = {header.shape.begin() + 1, header.shape.end()},
                          .records = header.shape.front()},
                         file);
}

/// Takes the stamp seed from a sidecar with the same seed, because the seed alone does not
/// determine the stamps. If options describe the array, a malformed sidecar is ignored.
Sidecar with_stamps_of_file(ArrayRequest request, const std::string& file) {
  Sidecar known{.array = std::move(request), .stamp_seed = 0};
  known.stamp_seed = known.array.seed;
  try {
    const auto sidecar = read_sidecar(file);
    if (!sidecar || sidecar->array.seed != known.array.seed) return known;
    known.array.content = sidecar->array.content;
    known.array.stamp_version = sidecar->array.stamp_version;
    known.stamp_seed = sidecar->stamp_seed;
  } catch (const FormatError&) {
  }
  return known;
}

}  // namespace

ArrayRequest array_in_file(const std::string& file) {
  const NpyHeader header = read_header(file);
  if (!header.fortran_order || !order_matters(header.shape)) return request_from_header(file);
  ArrayRequest request{.descr = descr_text(header.dtype),
                       .row_shape = {header.shape.rbegin() + 1, header.shape.rend()},
                       .records = header.shape.back(),
                       .header = header_bytes(file, header)};
  return request;
}

bool describes_array(const ArrayOptions& array, const PlacementOptions& placement) {
  return array.records || !array.shape.empty() || placement.seed;
}

Sidecar known_array(const std::string& file, const ArrayOptions& array,
                    const PlacementOptions& placement) {
  if (describes_array(array, placement)) {
    const bool sized = array.records || !array.shape.empty();
    ArrayRequest request =
        placed(sized ? array_request(array, 0) : request_from_header(file), placement);
    return with_stamps_of_file(std::move(request), file);
  }
  if (const auto sidecar = read_sidecar(file)) return *sidecar;
  if (::access(file.c_str(), F_OK) != 0) throw SystemError({file, "open"}, errno);
  if (std::filesystem::is_directory(file)) throw SystemError({file, "open"}, EISDIR);
  read_header(
      file);  // an archive, an empty file or anything else that is no array is named as such
  throw FormatError(
      fmt::format("{}: nothing says what must be in it: there is no {}, and neither --seed nor "
                  "--records was given",
                  file, sidecar_path(file)));
}

namespace {

constexpr std::uint64_t kPieceBytes = 1 << 20;

/// The expected bytes of the elements [first, first + elements).
std::vector<std::byte> expected_elements(const ArrayMap& map, const Stamper& stamper,
                                         unsigned generation, std::uint64_t first,
                                         std::uint64_t elements) {
  const std::uint64_t step_bytes = map.element_bytes();
  std::vector<std::byte> bytes(as_size(elements * step_bytes));
  const std::uint64_t end = first + elements;
  for (std::uint64_t element = first; element < end;) {
    const std::uint64_t next = std::min(end, map.stretch_end(element));
    const auto start = as_size((element - first) * step_bytes + map.lead_bytes());
    if (map.is_record(element))
      stamper.fill_all(std::span(bytes).subspan(start),
                       {element, next - element, map.record_bytes(), step_bytes}, generation);
    element = next;
  }
  return bytes;
}

}  // namespace

void write_expected_array(File& file, const ArrayMap& map, const Stamper& stamper,
                          unsigned generation, const std::function<void()>& between_pieces) {
  file.write_at(map.header(), 0);
  const std::uint64_t step = std::max<std::uint64_t>(1, kPieceBytes / map.element_bytes());
  for (std::uint64_t first = 0; first < map.elements(); first += step) {
    between_pieces();
    const std::uint64_t elements = std::min(step, map.elements() - first);
    file.write_at(expected_elements(map, stamper, generation, first, elements),
                  map.data_offset_bytes() + first * map.element_bytes());
  }
}

}  // namespace npyrace
