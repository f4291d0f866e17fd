#pragma once
// Names what a wrong record is, from its content alone.

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
  /// Nothing but earlier content of the record itself: an older generation, zeros, or lanes of both
  /// and of the expected one. What a write that never happened, or happened in part, leaves behind.
  bool only_old = false;
};

/// Another record of the same view, a power of two of elements away.
struct Neighbour {
  std::uint64_t element = 0;
  std::span<const std::byte> record;
};

/// True for no bytes at all, too.
bool all_zero(std::span<const std::byte> bytes);

/// Needs a record that does not match. `record` is the content found at `element`. Neighbours are
/// asked where a record is too short to show that its stamp is another array's.
Classified classify(const Subject& subject, std::uint64_t element,
                    std::span<const std::byte> record, std::span<const Neighbour> neighbours = {});

}  // namespace npyrace
