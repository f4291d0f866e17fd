#include "bench/known_array.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "bench/header_words.h"
#include "core/dtype_descr.h"
#include "core/error.h"
#include "core/npy_header.h"

namespace npyrace {
namespace {

/// A packed array says itself how many records it has and what they are.
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

/// Where a sidecar is of the same seed, it tells the stamps, which a seed alone does not. Whoever
/// says what is in an array needs no sidecar: a damaged one counts as none.
Sidecar with_stamps_of_file(ArrayRequest request, const std::string& file) {
  Sidecar known{.array = std::move(request), .stamp_seed = 0};
  known.stamp_seed = known.array.seed;
  try {
    const auto sidecar = read_sidecar(file);
    if (!sidecar || sidecar->array.seed != known.array.seed) return known;
    known.array.content = sidecar->array.content;
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
  throw FormatError(
      fmt::format("{}: nothing says what must be in it: there is no {}, and neither --seed nor "
                  "--records was given",
                  file, sidecar_path(file)));
}

}  // namespace npyrace
