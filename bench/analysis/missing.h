#pragma once
// Evidence that a result lacks, and the commands that would provide it.

#include <string>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// Returns sentences of the form "missing evidence: command". `chosen` is the recommended cell, or
/// nullptr.
std::vector<std::string> missing_evidence(const std::vector<CellResult>& cells,
                                          const CellResult* chosen, const Environment& environment,
                                          const std::vector<ProgramResult>& programs);

}  // namespace npyrace
