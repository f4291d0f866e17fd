#pragma once
// What was measured, set beside what the file system promises.

#include <string>
#include <vector>

#include "core/result.h"

namespace npyrace {

/// Where measurement and promise contradict each other, either way: records lost where caches are
/// promised to be coherent; and none lost where nothing is promised to writers of one page. One
/// sentence each, worst first; mostly none.
std::vector<std::string> contradictions(const Environment& environment,
                                        const std::vector<CellResult>& cells);

}  // namespace npyrace
