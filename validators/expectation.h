#pragma once
// What a file must hold: the subject of every validator.

#include <cstdint>
#include <vector>

#include "core/array_map.h"
#include "core/stamp.h"

namespace npyrace {

/// What the writers promised before the file is read.
struct Expectation {
  unsigned generation = 1;  ///< of the last write
  /// Per writer: did its last write return as acknowledged? Empty: all did. A writer that did not
  /// may have written or not; its records are never lost, only unwritten.
  std::vector<bool> acknowledged = {};

  bool promised(std::uint64_t writer) const {
    return acknowledged.empty() || acknowledged.at(writer);
  }
};

/// Everything a validator knows about the file apart from its bytes.
struct Subject {
  const ArrayMap& map;
  Stamper stamper;
  Expectation expectation;
};

}  // namespace npyrace
