#pragma once
// Finds the accesses of different writers that overlap, and how they were ordered and locked. Pure.
// The time grows with the number of accesses and of pairs of writers, not with that of pairs of
// accesses: a job may open, lock and write one record thousands of times.

#include <compare>
#include <cstdint>
#include <map>
#include <vector>

#include "bench/watch/accesses.h"

namespace npyrace::watch {

/// How one access removed data of the other.
enum class Removal { none, emptied, replaced };

/// Whether one access had ended before the other began, and how that is known.
enum class Order {
  none,
  by_chance,  ///< the file was closed before the other opened it, but both processes were running
  known,      ///< the other process began, or went on, after it
};

/// Properties of a pair of accesses other than their byte ranges.
struct Pair {
  std::uint64_t first = 0, second = 0;  ///< writers, first < second
  Order order = Order::none;
  bool locked = false;
  bool stored = false;  ///< at least one of them stored into a mapping
  Removal removal = Removal::none;

  auto operator<=>(const Pair&) const = default;
};

using Hits = std::map<Pair, ByteRanges>;

/// One access, widened to the units in which it is compared with others.
struct Widened {
  ByteRange range;
  const Access* access;
};

enum class Wanted {
  writes,    ///< pairs of writes
  removals,  ///< a removal of data that another process had written before, or wrote meanwhile
};

struct OverlapRules {
  bool bytes = false;  ///< the ranges are the written bytes themselves
  Wanted wanted = Wanted::writes;
  double clock_error_seconds = 1;
};

/// The common parts of all accesses of different writers, by the properties of the pairs.
Hits overlaps(std::vector<Widened> all, const OverlapRules& rules);

}  // namespace npyrace::watch
