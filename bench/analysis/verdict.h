#pragma once
// Derives a verdict and its reason from findings and evidence. Pure: depends on its argument only.

#include <cstdint>
#include <string>

#include "core/result/result.h"

namespace npyrace {

struct VerdictInput {
  AnomalyCounts anomalies;
  std::uint64_t unwritten = 0;
  std::uint64_t owners = 0;  ///< writers that own at least one record
  std::uint64_t caches = 1;  ///< page caches behind the mounts
  std::uint64_t mounts = 1;
  bool contended = true;  ///< false: a single writer writes the file
  /// False: a library decides which process writes which bytes, so that conflicts in a unit cannot
  /// be counted.
  bool tells_who_writes = true;
  /// True: a user program writes. It may damage the whole file at once, for example by truncation;
  /// for such damage a generation is one trial, however many units it has.
  bool foreign_program = false;
  bool padded = false;  ///< the layout separates writers by padding
  bool uncached_judge = true;
  std::string judge_doubt;                 ///< why it does not bypass the page cache
  std::uint64_t uncached_differences = 0;  ///< records on which uncached views disagree
  /// Advice if writers did not overlap enough; specific to the command.
  const char* more_overlap = "use more --records, or a quieter machine";
  const char* more_trials = "use more --generations, --repetitions or --records";
  const char* more_sharing = "use --ownership cyclic or more --records";
  /// Why correct data prove nothing here; empty: they may.
  std::string no_proof = {};
  Evidence evidence;
};

struct Judgement {
  Verdict verdict = Verdict::inconclusive;
  std::string reason;
};

/// Monotonic: less evidence never yields a stronger verdict. `safe` requires trials, two writers
/// that own records, and all records written.
Judgement judge(const VerdictInput& input);

}  // namespace npyrace
