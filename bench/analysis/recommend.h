#pragma once
// Recommends a cell. Pure.

#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// Returns the fastest safe cell. Among cells whose interval overlaps the fastest one's median,
/// prefers the simplest: packed before padded, then the strategy with the least effort for the
/// user. Adds costs, ties and missing evidence; `environment` and `programs` (of run --exec) are
/// used for the commands in the advice. Never recommends a cell without trials.
Recommendation recommend(const std::vector<CellResult>& cells, const Environment& environment = {},
                         const std::vector<ProgramResult>& programs = {});

}  // namespace npyrace
