#pragma once
// The page map of a cell as JSON, both ways.

#include "core/page_map.h"
#include "reports/json_place.h"

namespace npyrace {

Json page_map_to_json(const PageMap& map);
/// Throws FormatError, also for a map that is no map: too many tiles, damage beyond the last.
void read_page_map(const JsonPlace& place, PageMap& map);

}  // namespace npyrace
