#pragma once
// Is it the machine that became slower, and not the program? Pure.

#include <string>

#include "bench/decide/compare.h"

namespace npyrace {

/// The machine's own references (memory copy, bare write loop) on both sides, in sentences
/// with what to do; empty where they did not move by more than a tenth beyond their noise, where
/// there are none, and where times are relative to one already.
std::string machine_change(const Sides& sides);

}  // namespace npyrace
