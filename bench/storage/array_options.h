#pragma once
// The options that say what an array is and how it is laid out, as typed.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/array/array_map.h"

namespace npyrace {

/// What a record is, and where it lies: shared by run, create and verify.
struct ArrayOptions {
  std::optional<std::uint64_t> records;
  std::optional<std::uint64_t> record_bytes;
  std::optional<std::string> descr;
  std::vector<std::uint64_t> shape;
};

/// How records are laid out and shared, where there is one way: create and verify.
struct PlacementOptions {
  std::string layout = "packed";
  std::string ownership = "block";
  std::optional<std::uint64_t> align_bytes;  ///< the page size unless said
  std::uint64_t writers = 1;
  std::optional<std::uint64_t> seed;
};

/// What a record is, from the options that say it. Throws UsageError when they contradict.
ArrayRequest array_request(const ArrayOptions& options, std::uint64_t default_records);

/// The same with one way to lay records out and to share them. Throws UsageError.
ArrayRequest placed(ArrayRequest request, const PlacementOptions& placement);

}  // namespace npyrace
