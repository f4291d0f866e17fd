#pragma once
// Runs the writers of a user's program without concurrency: a program that leaves wrong records
// even then is at fault, and not the file system; with --expect serial every race must leave the
// same.

#include <cstdint>
#include <string>

#include "bench/race/cell_files.h"

namespace npyrace {

struct AloneResult {
  std::string fault;  ///< how the program is wrong and what to do; empty: it is not
  /// Advice if its records became visible only some seconds after its end; empty: they did not.
  std::string late;
};

/// Both are empty if the writer owns no records, creates the array anew, or fails alone: it may
/// wait for the others. Throws as FileRace does.
AloneResult try_alone(CellFiles& files, std::uint64_t writer);

/// Learns the content that the program leaves: runs all writers in order, twice, each time on a new
/// array. Throws RaceError if the program fails, waits for other writers, changes nothing, changes
/// the file size, or leaves different content the second time.
void learn_truth(CellFiles& files);

}  // namespace npyrace
