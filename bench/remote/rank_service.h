#pragma once
// What every rank but rank 0 does: what rank 0 says, until it says that the program ends.

#include <functional>
#include <string>

#include "bench/remote/world.h"
#include "core/file/file.h"

namespace npyrace {

/// Does one step of an experiment between nodes; returns the answer. Never throws.
using StepHandler = std::function<std::string(const std::string& step)>;

/// Prints nothing; trouble goes to rank 0. `play` does the steps that rank 0 sends.
void serve(World& world, const FileOpener& open_file, StepHandler play);

}  // namespace npyrace
