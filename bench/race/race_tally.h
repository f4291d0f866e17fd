#pragma once
// Results summed over generations, of one file or of all files of a cell.

#include <cstdint>
#include <string>
#include <vector>

#include "bench/launchers/launcher.h"
#include "core/result/findings.h"
#include "core/result/result.h"

namespace npyrace {

struct RaceTally {
  Findings findings;
  std::vector<PhaseSeconds> phases;  ///< of timed generations, one entry a writer
  /// Total elapsed time of timed generations. Held generations make writers wait and are not timed.
  double seconds = 0;
  std::uint64_t generations_timed = 0;
  std::vector<double> generation_seconds;      ///< elapsed time of each timed generation
  std::vector<double> generation_cpu_seconds;  ///< CPU time of each, summed over all writers
  double overlap_seconds = 0;
  std::uint64_t generations = 0;
  std::uint64_t generations_overlapped = 0;
  double generations_together = 0;  ///< sum over generations of their together_share (writer.h)
  std::vector<Death> deaths;
  /// How a program damaged the whole file (truncated or replaced it); empty: it did not.
  std::string struck_file;
  /// How another process changed the file during the race; empty: not seen.
  std::string interference;

  void note(const GenerationReport& report);
  /// True if a record is damaged or the whole file was.
  bool shows_damage() const;
  double overlapped_share() const;
  /// Expected number of times that two writers wrote to a shared unit at the same time, if every
  /// generation has `shared_units` of them: that number times the sum of overlap shares.
  std::uint64_t trials(std::uint64_t shared_units) const;
  /// All failures of writers in one line, equal ones grouped; empty: none.
  std::string obituary() const;
};

}  // namespace npyrace
