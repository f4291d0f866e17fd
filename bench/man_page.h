#pragma once
// The man page, made of the texts that --help prints: man(7) macros.

#include <string>

namespace npyrace {

/// All commands that are not hidden, with their options. Pure.
std::string man_page();

}  // namespace npyrace
