#pragma once
// What a file must hold: the subject of every validator.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/array/array_map.h"
#include "core/array/stamp.h"

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

// Unwritten is not lost: what a writer that died may leave behind.

/// The oldest generation that the record may hold without anything being lost; 0: also zeros.
unsigned oldest_kept(const Subject& subject, std::uint64_t element);

/// True when the record, which is not of the expected generation, holds nothing but what its writer
/// may have left there: each lane of a generation from the oldest kept to the newest begun. Only
/// whole lanes that lie aligned in the file are stored at once; of others each byte may be.
bool is_unwritten(const Subject& subject, std::uint64_t element, std::span<const std::byte> record);

}  // namespace npyrace
