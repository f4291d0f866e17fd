#pragma once
// Results summed over generations, of one file or of all files of a cell.

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "bench/launchers/launcher.h"
#include "core/result/attribution.h"
#include "core/result/findings.h"
#include "core/result/result.h"

namespace npyrace {

/// Times of the timed generations. In synchronized ones writers wait, so they are not timed.
struct RaceTimes {
  double seconds = 0;  ///< total elapsed time
  std::uint64_t generations = 0;
  std::vector<double> generation_seconds;      ///< elapsed time of each
  std::vector<double> generation_cpu_seconds;  ///< CPU time of each, summed over all writers
  std::vector<PhaseSeconds> phases;            ///< one entry a writer and generation

  void note(const GenerationReport& report);
  void merge(const RaceTimes& other);
};

/// Damage and evidence.
struct RaceTally {
  Findings findings;
  DamagePattern damage;
  double overlap_seconds = 0;
  std::uint64_t generations = 0;
  std::uint64_t generations_overlapped = 0;
  double generations_together = 0;  ///< sum over generations of their together_share (writer.h)
  std::vector<WriterFailure> failures;
  /// Writers that lost every record in some generation.
  std::set<std::uint64_t> lost_all;
  /// How a program damaged the whole file (truncated or replaced it); empty: it did not.
  std::string file_damage;
  /// How another process changed the file during the race; empty: not seen.
  std::string interference;

  void note(const GenerationReport& report);
  void merge(const RaceTally& later);
  /// True if a record is damaged or the whole file was.
  bool shows_damage() const;
  double overlapped_share() const;
  /// Expected number of times that two writers wrote to a shared unit at the same time, if every
  /// generation has `shared_units` of them: that number times the sum of overlap shares.
  std::uint64_t trials(std::uint64_t shared_units) const;
  /// All failures of writers in one line, equal ones grouped; empty: none.
  std::string failure_summary() const;
};

}  // namespace npyrace
