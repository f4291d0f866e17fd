#pragma once
// What races have shown, added up over generations: of one file, or of all the files of a cell.

#include <cstdint>
#include <string>
#include <vector>

#include "bench/launchers/launcher.h"
#include "core/result/findings.h"
#include "core/result/result.h"

namespace npyrace {

struct RaceTally {
  Findings findings;
  std::vector<PhaseSeconds> phases;  ///< of generations that were let run
  /// Of the generations that were let run; held ones wait, and say nothing of speed.
  double seconds = 0;
  std::uint64_t generations_timed = 0;
  std::vector<double> generation_seconds;      ///< of each of those
  std::vector<double> generation_cpu_seconds;  ///< the same of all writers together
  double overlap_seconds = 0;
  std::uint64_t generations = 0;
  std::uint64_t generations_overlapped = 0;
  double generations_together = 0;  ///< the sum of what share of each was contended for
  std::vector<Death> deaths;
  std::string struck_file;   ///< what a program did to the whole file; empty: nothing
  std::string interference;  ///< what somebody else did to the file; empty: nothing seen

  void note(const GenerationReport& report);
  /// Whether a record is damaged, or the whole file was struck.
  bool shows_damage() const;
  double overlapped_share() const;
  /// How often two who could meet really had a unit at the same time, when each generation has so
  /// many that they share.
  std::uint64_t trials(std::uint64_t shared_units) const;
  /// The deaths in one line, those that ended alike together; empty: nobody died.
  std::string obituary() const;
};

}  // namespace npyrace
