#pragma once
// The forms that may follow an option, checked before it is converted, so that a mistake is told as
// "what is wanted" and not as CLI11's range of 309 digits.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/compare/compare.h"
#include "bench/plan/options.h"

namespace npyrace {

/// Digits alone. For check().
CLI::Validator whole_number(std::uint64_t least = 0,
                            std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

/// Bytes, with a unit or without: 4096, 4k, 1M (of 1024). Becomes the number. For transform().
CLI::Validator size_in_bytes();

/// The units a time may have, in seconds each.
using TimeUnits = std::map<std::string, double>;

/// A time, not negative; without a unit seconds. `example` is for the message: "90s, 10m". Becomes
/// the number. For transform().
CLI::Validator time_span(const TimeUnits& units, const std::string& example,
                         double most_seconds = 1e9);

/// For check().
CLI::Validator one_of(const std::vector<std::string>& words);

// The options that say what a record is; run, create and verify take the same ones.

void add_array_options(CLI::App& app, ArrayOptions& options);
/// Which round of writing: checked to be one there can be.
void add_generation_option(CLI::App& app, std::optional<unsigned>& generation,
                           const std::string& text);
/// And those that say how records are laid out and shared: create and verify.
void add_placement_options(CLI::App& app, PlacementOptions& options);

// The options that name two sides, shared by compare and gate.

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
