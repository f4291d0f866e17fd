#pragma once
// From findings to a verdict and its reason. Pure: everything it knows is in its argument.

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
  bool contended = true;  ///< false: one writer writes the file, whatever others do
  /// False: a library decides which process writes which bytes, so that nobody can count how often
  /// two met in a unit.
  bool tells_who_writes = true;
  /// True: the user's own program writes. It can do what strikes the whole file at once, such as
  /// emptying it, and then a generation is one trial, however many units it has.
  bool foreign_program = false;
  bool padded = false;  ///< the layout keeps writers apart on purpose
  bool uncached_judge = true;
  std::string judge_doubt;                 ///< why it is not uncached
  std::uint64_t uncached_differences = 0;  ///< records on which uncached views disagree
  /// How to bring writers together that did not meet: a command's own words.
  const char* more_overlap = "use more --records, or a quieter machine";
  const char* more_trials = "use more --generations, --repetitions or --records";
  const char* more_sharing = "use --ownership cyclic or more --records";
  /// Why right data prove nothing whatever else was seen; empty: they may.
  std::string no_proof = {};
  Evidence evidence;
};

struct Judgement {
  Verdict verdict = Verdict::inconclusive;
  std::string reason;
};

/// Less evidence never makes a stronger verdict: `safe` needs trials, two writers that own records,
/// and everything written.
Judgement judge(const VerdictInput& input);

}  // namespace npyrace
