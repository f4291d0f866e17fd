#pragma once
// Consistency checks: between the cells of a user program, and between measurements and the
// documented guarantee of the file system.

#include <string>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// If a program loses records on one node, where all writers share a page cache, it writes bytes of
/// other writers or truncates or replaces the file. No layout can prevent that: the reasons of its
/// unsafe cells say so, and its safe cells become inconclusive. Skipped in a lab, whose faults may
/// lose data on purpose.
void doubt_programs(std::vector<CellResult>& cells, const Environment& environment);

// Measurements against the documented guarantee.

/// Contradictions in either direction: records were lost although caches are documented as
/// coherent, or none were lost although nothing is guaranteed to writers of one page. One sentence
/// each, worst first; usually none.
std::vector<std::string> contradictions(const Environment& environment,
                                        const std::vector<CellResult>& cells);

}  // namespace npyrace
