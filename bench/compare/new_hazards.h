#pragma once
// Decides whether a watched program has a hazard that it did not have before. Pure.

#include <string>
#include <vector>

#include "core/result/watch.h"

namespace npyrace {

/// One line per hazard of NEW that BASE lacks: a kind of hazard without order and without a lock,
/// in a file of that name. Places and processes may differ between runs and are not compared. A
/// hazard counts even if one page cache makes it harmless, as on a CI machine.
std::vector<std::string> new_hazards(const WatchResult& base, const WatchResult& candidate);

}  // namespace npyrace
