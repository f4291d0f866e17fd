#pragma once

#include <string>

namespace npyrace {

/// The program on other nodes: as typed, and unless it was, by the path of this one, which on a
/// cluster is usually where nodes find it, too.
std::string npyrace_there(const std::string& typed);

}  // namespace npyrace
