#include "bench/known_array.h"

#include <fmt/format.h>

#include "bench/header_words.h"
#include "bench/plan.h"
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
  return {.descr = descr_text(header.dtype),
          .row_shape = {header.shape.begin() + 1, header.shape.end()},
          .records = header.shape.front(),
          .header = header_bytes(file, header)};
}

}  // namespace

bool describes_array(const ArrayOptions& array, const PlacementOptions& placement) {
  return array.records || !array.shape.empty() || placement.seed;
}

Sidecar known_array(const std::string& file, const ArrayOptions& array,
                    const PlacementOptions& placement) {
  if (describes_array(array, placement)) {
    const bool sized = array.records || !array.shape.empty();
    ArrayRequest request =
        placed(sized ? array_request(array, 0) : request_from_header(file), placement);
    // Stamps are those of the file, which its seed alone does not tell.
    const auto sidecar = read_sidecar(file);
    if (!sidecar || sidecar->array.seed != request.seed)
      return {.array = request, .stamp_seed = request.seed};
    request.content = sidecar->array.content;
    return {.array = request, .stamp_seed = sidecar->stamp_seed};
  }
  if (const auto sidecar = read_sidecar(file)) return *sidecar;
  throw FormatError(
      fmt::format("{}: nothing says what must be in it: there is no {}, and neither --seed nor "
                  "--records was given",
                  file, sidecar_path(file)));
}

}  // namespace npyrace
