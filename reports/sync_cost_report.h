#pragma once
// What a sync costs, where cells were raced that differ in nothing but when they sync.

#include <string>
#include <vector>

#include "core/result.h"

namespace npyrace {

/// One line a way to write: "pwrite, packed, 4 writers: none 5.1 us, end 24 us, record 864 us". The
/// times are those of one record in one writer: all of its time shared out over its records. Empty
/// where only one policy was timed.
std::vector<std::string> sync_costs(const std::vector<CellResult>& cells);

/// A paragraph for each, for a terminal of 80 columns; empty for none.
std::string sync_cost_report(const std::vector<CellResult>& cells);

}  // namespace npyrace
