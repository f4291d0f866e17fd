#pragma once
// The JSON keys of a result, and of its parts that are also in other files and messages.

#include <cstdint>

#include "core/result/result.h"
#include "reports/json/json_fields.h"

namespace npyrace {

void describe(JsonFields& json, RunResult& result);
void describe(JsonFields& json, CellResult& result);
void describe(JsonFields& json, Interval& interval);
void describe(JsonFields& json, ByteRange& range);

void describe(JsonFields& json, AnomalyCounts& counts);
void describe(JsonFields& json, Verdict& verdict);
void describe(JsonFields& json, Example& example);
void describe(JsonFields& json, DamagedTiles& damaged);
void describe(JsonFields& json, PhaseSeconds& phases);
void describe(JsonFields& json, ReadersResult& readers);

}  // namespace npyrace
