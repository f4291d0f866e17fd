#pragma once
// Main loop of every rank but rank 0: executes the tasks that rank 0 sends.

#include <functional>
#include <string>

#include "bench/remote/transport.h"
#include "core/file/file.h"

namespace npyrace {

/// Executes one step of an experiment between nodes and returns its answer. Never throws.
using StepHandler = std::function<std::string(const std::string& step)>;

/// Returns on Task::leave. Prints nothing; errors are sent to rank 0. `play` executes the steps of
/// Task::play.
void serve(Transport& transport, const FileOpener& open_file, StepHandler play);

}  // namespace npyrace
