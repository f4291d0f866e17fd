#pragma once
// The result as CSV (RFC 4180, except that lines end with a newline only).

#include <string>

#include "core/result/result.h"

namespace npyrace {

/// A title line, then one line per cell: its axes, verdict, reason, records/s with interval, the
/// seconds of each repetition (separated by spaces), the count of each anomaly class, evidence, and
/// a column "label:KEY" for every label of the run.
std::string csv_report(const RunResult& result);

}  // namespace npyrace
