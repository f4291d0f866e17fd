#pragma once
// What padding did, by experiment: the smallest alignment that was safe, for each way to write.

#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// One for every way to write of which packed cells, or cells of several alignments, were raced.
/// Cells that were neither safe nor unsafe count for nothing.
std::vector<Separation> separations(const std::vector<CellResult>& cells);

/// Fills in `separating_bytes` of damaged cells from what was seen safe in other cells of the same
/// way to write.
void confirm_attributions(std::vector<CellResult>& cells,
                          const std::vector<Separation>& separations);

}  // namespace npyrace
