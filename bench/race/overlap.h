#pragma once
// Did the writers really write at the same time?
//
// Writer w goes through page cache caches[w modulo caches.size()]. Where there are several caches,
// they are who meets; where all share one, the writers are.

#include <cstdint>
#include <span>

#include "bench/race/writer.h"

namespace npyrace {

/// Seconds in which at least two who could meet were at work at once, from the first record to the
/// closing.
double overlap_seconds(std::span<const WriterReport> reports,
                       std::span<const std::uint64_t> caches);

/// Of the time in which anybody wrote records, the share in which at least two did, 0 to 1: so
/// much of what they share was really contended for. Who begins when the other syncs already may
/// find the other's records in the file and lose nothing, however long both were at work. In a
/// held generation everything was, if two took part at all.
double together_share(std::span<const WriterReport> reports, std::span<const std::uint64_t> caches,
                      bool held);

/// From the first start to the last end.
double elapsed_seconds(std::span<const WriterReport> reports);

}  // namespace npyrace
