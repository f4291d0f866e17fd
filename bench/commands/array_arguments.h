#pragma once
// The options that say what a record is; run, create and verify take the same ones.

#include <CLI/CLI.hpp>

#include "bench/options.h"

namespace npyrace {

void add_array_options(CLI::App& app, ArrayOptions& options);
/// And those that say how records are laid out and shared: create and verify.
void add_placement_options(CLI::App& app, PlacementOptions& options);

}  // namespace npyrace
