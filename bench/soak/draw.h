#pragma once
// Cells drawn at random, and the command that races one again. Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "bench/options.h"

namespace npyrace {

/// What may be drawn, by names.
struct SoakChoices {
  std::vector<std::string> strategies, layouts, ownerships, syncs, launchers, caches;
};

/// The options of one cell, all of them spelled out: the same seed always draws the same. Where
/// something was typed, one of the values typed is drawn. No cell is larger than some seconds.
RunOptions draw_cell(const SoakChoices& choices, const RunOptions& typed, std::uint64_t seed);

/// For a shell, in any folder: `run` with these options, as draw_cell made them.
std::string replay_command(const RunOptions& drawn);

}  // namespace npyrace
