#pragma once
// Learns the content that a user's program produces without concurrency, by running its writers one
// after the other. `run --expect serial` compares every race with it.

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "bench/launchers/launcher.h"
#include "bench/storage/race_file.h"
#include "validators/truth.h"

namespace npyrace {

/// Callbacks that run the program and read its output; keeps this file independent of launchers and
/// mounts.
struct SerialStage {
  std::uint64_t writers = 1;
  std::function<std::unique_ptr<RaceFile>()> make_file;  ///< creates a new array
  /// Runs one writer until it exits.
  std::function<GenerationReport(const RaceFile& file, std::uint64_t writer)> run_alone;
  /// Returns the whole file, read past the page cache where possible.
  std::function<std::vector<std::byte>(const RaceFile& file)> content;
};

struct SerialTruth {
  /// The request with observed ownership: the last writer that changed a record owns it.
  ArrayRequest array;
  Truth truth;
  std::vector<std::uint64_t> idle = {};  ///< writers that changed nothing, ascending
  /// The first record that more than one writer changed; empty: none.
  std::optional<std::uint64_t> first_shared = {};
};

/// Runs all writers in order, twice, each time on a new array. Throws RaceError if the program
/// fails, waits for other writers, changes nothing, changes the file size, or leaves different
/// content the second time.
SerialTruth learn_truth(const ArrayRequest& array, const SerialStage& stage);

}  // namespace npyrace
