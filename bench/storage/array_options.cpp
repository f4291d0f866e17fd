#include "bench/storage/array_options.h"

#include <fmt/format.h>

#include "core/array/layout.h"
#include "core/array/ownership.h"
#include "core/base/error.h"
#include "core/file/posix_file.h"

namespace npyrace {

ArrayRequest array_request(const ArrayOptions& options, std::uint64_t default_records) {
  ArrayRequest request{.records = options.records.value_or(default_records)};
  if (options.descr && options.record_bytes)
    throw UsageError("--descr and --record-bytes both say what a record is; give one");
  if (options.descr) request.descr = *options.descr;
  if (options.record_bytes) request.descr = fmt::format("|V{}", *options.record_bytes);
  if (options.shape.empty()) return request;
  if (options.records) throw UsageError("--shape and --records both say how many; give one");
  request.records = options.shape.front();
  request.row_shape.assign(options.shape.begin() + 1, options.shape.end());
  return request;
}

ArrayRequest placed(ArrayRequest request, const PlacementOptions& placement) {
  request.layout = find_layout(placement.layout).name;
  request.align_bytes = placement.align_bytes.value_or(page_bytes());
  request.ownership = find_ownership(placement.ownership);
  request.writers = placement.writers;
  request.seed = placement.seed.value_or(request.seed);
  return request;
}

}  // namespace npyrace
