#pragma once
// Two sides of results set side by side. Pure.

#include <string>
#include <vector>

#include "bench/decide/measurements.h"
#include "bench/decide/shift.h"
#include "core/comparison.h"

namespace npyrace {

/// Runs of one side are of the same thing: what differs between them is noise.
struct Sides {
  std::vector<Measurements> base, fresh;  ///< neither is empty
  /// They were measured in turns: run i of base and run i of fresh are a round. As many of both.
  bool paired = false;
};

/// Cells by name. `alpha` (two-sided) is for each interval by itself.
Comparison compare(const Sides& sides, double alpha);

/// Names of cells on both sides that have times on both: so many intervals will there be.
std::vector<std::string> timed_cells(const Sides& sides);

}  // namespace npyrace
