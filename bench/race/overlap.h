#pragma once
// Did the writers really write at the same time?

#include <cstdint>
#include <span>

#include "bench/race/writer.h"

namespace npyrace {

/// Seconds in which writers of at least two page caches were at work at once, or, where all share
/// one cache, at least two writers. Writer w goes through cache caches[w modulo caches.size()].
double overlap_seconds(std::span<const WriterReport> reports,
                       std::span<const std::uint64_t> caches);

/// From the first start to the last end.
double elapsed_seconds(std::span<const WriterReport> reports);

}  // namespace npyrace
