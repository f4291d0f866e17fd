#pragma once
// The options that name two sides, shared by compare and gate.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "bench/decide/compare.h"

namespace npyrace {

struct SideOptions {
  std::string base_file, new_file;                 ///< positional
  std::vector<std::string> base_files, new_files;  ///< --base, --new
  std::string relative_to;
  bool paired = false;
  std::string time = "wall";

  std::vector<std::string> base() const;
  std::vector<std::string> fresh() const;
};

void add_side_options(CLI::App& app, SideOptions& options);

/// Makes of what was read what is compared: --time, --relative-to. Throws UsageError.
void prepare(Measurements& run, const SideOptions& options);

/// Throws UsageError unless both sides are named, and what read_measurements throws.
Sides read_sides(const SideOptions& options);

}  // namespace npyrace
