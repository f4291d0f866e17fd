#pragma once
// Validators of option values for CLI11 with short error messages, and the groups of options that
// several commands share: array, placement, and the two sides of compare and gate.

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

/// Accepts decimal digits only. For check().
CLI::Validator whole_number(std::uint64_t least = 0,
                            std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

/// Converts bytes with an optional unit (4096, 4k, 1M; powers of 1024) to a number. For
/// transform().
CLI::Validator size_in_bytes();

/// Permitted time units, in seconds.
using TimeUnits = std::map<std::string, double>;

/// Converts a non-negative time to seconds, the default unit. `example` appears in the error
/// message: "90s, 10m". For transform().
CLI::Validator time_span(const TimeUnits& units, const std::string& example,
                         double most_seconds = 1e9);

/// Accepts one of `words`. For check().
CLI::Validator one_of(const std::vector<std::string>& words);

/// Accepts text that JSON can hold: paths in orders to writers. For check().
CLI::Validator utf8_text();

/// An option that takes several paths, separated by commas. Text that is the path of something that
/// exists, commas and all, is one path.
CLI::Option* add_paths_option(CLI::App& app, const std::string& name,
                              std::vector<std::string>& paths, const std::string& text);

// Options that describe a record, for run, create and verify.

/// Heading of these options where FILE.npyrace.json usually makes them unnecessary.
inline constexpr const char* kWithoutSidecar =
    "The array, if FILE.npyrace.json does not describe it";

/// `group`: their heading in the help.
void add_array_options(CLI::App& app, ArrayOptions& options, const std::string& group = "Array");
/// --generation: validated against the range of generations.
void add_generation_option(CLI::App& app, std::optional<unsigned>& generation,
                           const std::string& text);
/// Options for layout and ownership, for create and verify.
void add_placement_options(CLI::App& app, PlacementOptions& options,
                           const std::string& group = "Placement");

/// Throws UsageError if one of these options is given without those that make the others count
/// (--records, --shape or --seed): the array is then described by FILE.npyrace.json, and the option
/// would be ignored.
void require_used(const ArrayOptions& array, const PlacementOptions& placement);

// Options that name the two sides of compare and gate.

struct SideOptions {
  std::string base_file, new_file;                 ///< positional
  std::vector<std::string> base_files, new_files;  ///< --base, --new
  std::string relative_to;
  bool paired = false;
  std::string time = "wall";

  std::vector<std::string> base() const;
  std::vector<std::string> candidate() const;
};

void add_side_options(CLI::App& app, SideOptions& options);

/// Applies --time and --relative-to to a result. Throws UsageError.
void prepare(Measurements& run, const SideOptions& options);

/// Throws UsageError unless both sides are given, and what read_measurements throws.
Sides read_sides(const SideOptions& options);

}  // namespace npyrace
