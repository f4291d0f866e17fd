#pragma once
// What more writers brought, for people.

#include <string>
#include <vector>

#include "core/result.h"

namespace npyrace {

/// The way to write, in a few words.
std::string scaling_title(const Scaling& scaling);
/// "1: 1.50 M, 2: 2.00 M, 4: not safe": a point that does not count has no speed.
std::string scaling_points(const Scaling& scaling);

/// A paragraph for each, for a terminal of 80 columns; empty for none.
std::string scaling_report(const std::vector<Scaling>& scalings);

}  // namespace npyrace
