#pragma once
// The effect of padding: the smallest safe alignment for each way to write.

#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// Returns one entry per way to write with packed cells or cells of several alignments. Ignores
/// cells that are neither safe nor unsafe.
std::vector<Separation> separations(const std::vector<CellResult>& cells);

/// Sets `separating_bytes` of damaged cells from safe cells of the same way to write.
void confirm_attributions(std::vector<CellResult>& cells,
                          const std::vector<Separation>& separations);

}  // namespace npyrace
