#pragma once
// Learns what a program of the user's writes by itself, by running its writers one after the other:
// the truth that `run --expect serial` holds a race to.

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "bench/launchers/launcher.h"
#include "bench/storage/race_file.h"
#include "validators/truth.h"

namespace npyrace {

/// How to run the program, for whoever does not know launchers and mounts.
struct SerialStage {
  std::uint64_t writers = 1;
  std::function<std::unique_ptr<RaceFile>()> make_file;  ///< a fresh array
  /// Runs one writer to its end.
  std::function<GenerationReport(const RaceFile& file, std::uint64_t writer)> run_alone;
  /// The whole file, past page caches where possible.
  std::function<std::vector<std::byte>(const RaceFile& file)> content;
};

struct SerialTruth {
  ArrayRequest array;  ///< as given, with the owners that were observed: who changed a record last
  Truth truth;
  std::vector<std::uint64_t> idle = {};  ///< writers that changed nothing, ascending
  /// The first record that several writers change; nothing where each keeps to its own.
  std::optional<std::uint64_t> first_shared = {};
};

/// Runs all writers in order, twice, each time on a fresh array. Throws RaceError where the program
/// fails or waits for others, changes nothing or the size of the file, or is not reproducible.
SerialTruth learn_truth(const ArrayRequest& array, const SerialStage& stage);

}  // namespace npyrace
