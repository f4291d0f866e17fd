#pragma once
// An example of damage as JSON, both ways.

#include "core/findings.h"
#include "reports/json_place.h"

namespace npyrace {

Json example_to_json(const Example& example);
/// Throws FormatError, also for a class that there is not.
void read_example(const JsonPlace& place, Example& example);

}  // namespace npyrace
