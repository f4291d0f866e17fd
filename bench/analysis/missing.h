#pragma once
// What a result does not tell, and the command that would.

#include <string>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// A sentence each: what is not known, a colon, and a command. `chosen` is the recommended cell, or
/// nullptr.
std::vector<std::string> missing_evidence(const std::vector<CellResult>& cells,
                                          const CellResult* chosen, const Environment& environment,
                                          const std::vector<ProgramResult>& programs);

}  // namespace npyrace
