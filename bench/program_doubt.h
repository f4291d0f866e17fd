#pragma once
// Conclusions from one cell of a user's program about its other cells.

#include <vector>

#include "core/result.h"

namespace npyrace {

/// A program that loses records on one node, where one page cache serves all writers, writes bytes
/// that are not its own, or strikes the whole file. No layout keeps it from that: its unsafe cells
/// say so, and its safe ones become inconclusive, because they were lucky. Not for a lab, which can
/// be told to lose anything.
void doubt_programs(std::vector<CellResult>& cells, const Environment& environment);

}  // namespace npyrace
