#pragma once
// Names what a wrong record is, from its content alone.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/anomaly.h"
#include "validators/expectation.h"

namespace npyrace {

struct Classified {
  Anomaly anomaly = Anomaly::corrupt;
  std::string found;  ///< "generation 1", "zeros", "record 17, generation 2"
  /// Nothing but earlier content of the record itself: an older generation, zeros, or lanes of both
  /// and of the expected one. What a write that never happened, or happened in part, leaves behind.
  bool only_old = false;
};

/// Needs a record that does not match. `record` is the content found at `element`.
Classified classify(const Subject& subject, std::uint64_t element,
                    std::span<const std::byte> record);

}  // namespace npyrace
