#pragma once
// The result as CSV (RFC 4180, but for line ends: a newline alone).

#include <string>

#include "core/result/result.h"

namespace npyrace {

/// A line of titles, then one a cell: its axes, verdict, reason, records/s with interval, the
/// seconds of each repetition (separated by spaces), the count of each class of anomaly, evidence,
/// and a column "label:KEY" for every label of the run.
std::string csv_report(const RunResult& result);

}  // namespace npyrace
