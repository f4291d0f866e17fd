#pragma once
// Command-line options that describe an array and its layout, and their conversion to an
// ArrayRequest.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/array/array_map.h"

namespace npyrace {

/// Record type and count, shared by the commands run, create and verify.
struct ArrayOptions {
  std::optional<std::uint64_t> records;
  std::optional<std::uint64_t> record_bytes;
  std::optional<std::string> descr;
  std::vector<std::uint64_t> shape;
};

/// Layout and ownership where there is exactly one of each: create and verify.
struct PlacementOptions {
  std::string layout = "packed";
  std::string ownership = "block";
  std::optional<std::uint64_t> align_bytes;  ///< default: the page size
  std::uint64_t writers = 1;
  std::optional<std::uint64_t> seed;
};

/// Builds a packed request from the options. Throws UsageError when they contradict each other.
ArrayRequest array_request(const ArrayOptions& options, std::uint64_t default_records);

/// Adds layout, ownership and writers to a request. Throws UsageError.
ArrayRequest placed(ArrayRequest request, const PlacementOptions& placement);

}  // namespace npyrace
