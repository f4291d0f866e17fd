#pragma once
// The options that say what a record is; run, create and verify take the same ones.

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "bench/options.h"

namespace npyrace {

void add_array_options(CLI::App& app, ArrayOptions& options);
/// Which round of writing: checked to be one there can be.
void add_generation_option(CLI::App& app, std::optional<unsigned>& generation,
                           const std::string& text);
/// And those that say how records are laid out and shared: create and verify.
void add_placement_options(CLI::App& app, PlacementOptions& options);

}  // namespace npyrace
