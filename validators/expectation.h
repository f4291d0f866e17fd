#pragma once
// What a file must hold: the subject of every validator.

#include <cstdint>
#include <vector>

#include "core/array_map.h"
#include "core/stamp.h"

namespace npyrace {

/// What one writer has acknowledged of its own records, counted in its own order. A write that it
/// began and never acknowledged may have happened, or not, or in part.
struct WriterPromise {
  unsigned kept = 0;    ///< the generation that all its records hold, or a newer one; 0: none
  unsigned newest = 0;  ///< of the last write it may have begun
  std::uint64_t newest_records = 0;  ///< so many of its first records hold `newest`
};

/// What the writers promised before the file is read.
struct Expectation {
  unsigned generation = 1;  ///< of the last write
  /// One a writer. Empty: all have acknowledged `generation`, every record of it.
  std::vector<WriterPromise> promises = {};

  WriterPromise promise_of(std::uint64_t writer) const {
    return promises.empty() ? WriterPromise{.kept = generation, .newest = generation}
                            : promises.at(writer);
  }
};

/// Everything a validator knows about the file apart from its bytes.
struct Subject {
  const ArrayMap& map;
  Stamper stamper;
  Expectation expectation;
};

}  // namespace npyrace
