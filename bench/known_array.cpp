#include "bench/known_array.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "bench/plan.h"
#include "core/dtype_descr.h"
#include "core/error.h"
#include "core/npy_header.h"

namespace npyrace {
namespace {

/// A packed array says itself how many records it has and what they are.
ArrayRequest request_from_header(const std::string& file) {
  const NpyHeader header = read_header(file);
  if (header.fortran_order) throw FormatError(file + ": Fortran order; records must be contiguous");
  if (header.shape.empty()) throw FormatError(file + ": an array without an axis has no records");
  return {.descr = descr_text(header.dtype),
          .row_shape = {header.shape.begin() + 1, header.shape.end()},
          .records = header.shape.front()};
}

}  // namespace

ArrayRequest array_in_file(const std::string& file) {
  return request_from_header(file);
}

bool describes_array(const ArrayOptions& array, const PlacementOptions& placement) {
  return array.records || !array.shape.empty() || placement.seed;
}

Sidecar known_array(const std::string& file, const ArrayOptions& array,
                    const PlacementOptions& placement) {
  if (describes_array(array, placement)) {
    const bool sized = array.records || !array.shape.empty();
    const ArrayRequest request =
        placed(sized ? array_request(array, 0) : request_from_header(file), placement);
    return {.array = request, .stamp_seed = request.seed};
  }
  if (const auto sidecar = read_sidecar(file)) return *sidecar;
  if (::access(file.c_str(), F_OK) != 0) throw SystemError({file, "open"}, errno);
  throw FormatError(
      fmt::format("{}: nothing says what must be in it: there is no {}, and neither --seed nor "
                  "--records was given",
                  file, sidecar_path(file)));
}

}  // namespace npyrace
