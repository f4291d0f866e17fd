#pragma once
// Two sides of results set side by side. Pure.

#include <string>
#include <vector>

#include "bench/compare/measurements.h"
#include "bench/compare/shift.h"
#include "core/result/comparison.h"

namespace npyrace {

/// Runs of one side are of the same thing: what differs between them is noise.
struct Sides {
  std::vector<Measurements> base, fresh;  ///< neither is empty
  /// They were measured in turns: run i of base and run i of fresh are a round. As many of both.
  bool paired = false;
};

/// Chances (two-sided) that an interval misses, each by itself.
struct Alphas {
  double level = 0.05;    ///< of a cell's time
  double typical = 0.05;  ///< of its median generation's
};

/// Cells by name.
Comparison compare(const Sides& sides, const Alphas& alphas);

/// Names of cells that have times on both sides: so many intervals will there be of times.
std::vector<std::string> timed_cells(const Sides& sides);

/// Whether there will be intervals of median generations, too.
bool asks_typical(const Sides& sides);

/// The machine's own references (memory copy, bare write loop) on both sides, in sentences
/// with what to do; empty where they did not move by more than a tenth beyond their noise, where
/// there are none, and where times are relative to one already.
std::string machine_change(const Sides& sides);

}  // namespace npyrace
