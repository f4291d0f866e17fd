#pragma once
// Classification of a wrong record by its content alone.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/result/verdict.h"
#include "validators/expectation.h"

namespace npyrace {

struct Classified {
  Anomaly anomaly = Anomaly::corrupt;
  std::string found;  ///< "generation 1", "zeros", "record 17, generation 2"
  /// The content consists only of earlier content of the record: an older generation, zeros, or
  /// lanes of these and of the expected generation. That is what a missing or partial write leaves
  /// behind.
  bool only_old = false;
};

/// Another record of the same view, at a distance of a power of two elements.
struct Neighbour {
  std::uint64_t element = 0;
  std::span<const std::byte> record;
};

/// True for no bytes at all, too.
bool all_zero(std::span<const std::byte> bytes);

/// Requires a record that does not match; `record` is the content at `element`. `neighbours` are
/// needed for records too short to identify the stamp of another array by themselves.
Classified classify(const Subject& subject, std::uint64_t element,
                    std::span<const std::byte> record, std::span<const Neighbour> neighbours = {});

}  // namespace npyrace
