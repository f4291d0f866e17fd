#pragma once
// Conversion of experiments to and from JSON.

#include <vector>

#include "core/result/result.h"
#include "reports/json/json_place.h"

namespace npyrace {

Json experiments_json(const std::vector<ExperimentResult>& experiments);

/// Throws FormatError.
std::vector<ExperimentResult> experiments_at(const JsonPlace& place);
Verdict verdict_at(const JsonPlace& place);

}  // namespace npyrace
