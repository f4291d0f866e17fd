#pragma once
// Conclusions from one cell of a user's program about its other cells.

#include <string>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// A program that loses records on one node, where one page cache serves all writers, writes bytes
/// that are not its own, or strikes the whole file. No layout keeps it from that: its unsafe cells
/// say so, and its safe ones become inconclusive, because they were lucky. Not for a lab, which can
/// be told to lose anything.
void doubt_programs(std::vector<CellResult>& cells, const Environment& environment);

// What was measured, set beside what the file system promises.

/// Where measurement and promise contradict each other, either way: records lost where caches are
/// promised to be coherent; and none lost where nothing is promised to writers of one page. One
/// sentence each, worst first; mostly none.
std::vector<std::string> contradictions(const Environment& environment,
                                        const std::vector<CellResult>& cells);

}  // namespace npyrace
