#pragma once
// The expected content of a file: what each writer has acknowledged, and what it may have left
// behind.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/array/array_map.h"
#include "core/array/stamp.h"
#include "core/base/checked.h"

namespace npyrace {

/// Acknowledged writes of one writer, in the order of its records. A write that was begun but not
/// acknowledged may have happened completely, partly or not at all.
struct WriterPromise {
  unsigned kept = 0;    ///< all its records hold this generation or a newer one; 0: none
  unsigned newest = 0;  ///< generation of the last write that it may have begun
  std::uint64_t newest_records = 0;  ///< number of its first records that hold `newest`
};

/// Acknowledged writes of all writers.
struct Expectation {
  unsigned generation = 1;  ///< of the last write
  /// One per writer. Empty: all have acknowledged every record of `generation`.
  std::vector<WriterPromise> promises = {};

  WriterPromise promise_of(std::uint64_t writer) const {
    return promises.empty() ? WriterPromise{.kept = generation, .newest = generation}
                            : promises.at(as_size(writer));
  }
};

/// The expectation while the next generation is written: nothing of it is acknowledged yet. A
/// writer that has failed may write again, since some launchers start all anew for every
/// generation.
Expectation while_next_is_written(const Expectation& last, std::uint64_t writers);

/// Everything that a validator needs to know besides the file's bytes.
struct Subject {
  const ArrayMap& map;
  Stamper stamper;
  Expectation expectation;
};

// Unwritten records: old content that is no loss, because the writer died before it acknowledged
// the new one.

/// Oldest generation that the record may hold without being lost; 0: also zeros.
unsigned oldest_kept(const Subject& subject, std::uint64_t element);

/// True if zeros are no loss in any record of the elements [first, end), which all hold records.
/// False also where that would take a look at each record.
bool all_may_be_zeros(const Subject& subject, std::uint64_t first, std::uint64_t end);

/// True if a record that is not of the expected generation holds only content that its writer may
/// have left: each lane has a generation from the oldest acknowledged to the newest begun. Only
/// complete lanes at aligned file offsets are written atomically; in others each byte may be old or
/// new.
bool is_unwritten(const Subject& subject, std::uint64_t element, std::span<const std::byte> record);

}  // namespace npyrace
