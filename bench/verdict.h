#pragma once
// From findings to a verdict and its reason. Pure: everything it knows is in its argument.

#include <cstdint>
#include <string>

#include "core/result.h"

namespace npyrace {

struct VerdictInput {
  AnomalyCounts anomalies;
  std::uint64_t unwritten = 0;
  std::uint64_t writers = 0;
  std::uint64_t caches = 1;  ///< page caches behind the mounts
  std::uint64_t mounts = 1;
  bool contended = true;  ///< false: one writer writes the file, whatever others do
  /// False: which process wrote which bytes is a library's secret, so that neither shared units
  /// nor a padded layout prove anything between page caches.
  bool tells_who_writes = true;
  bool padded = false;  ///< the layout keeps writers apart on purpose
  bool uncached_judge = true;
  std::string judge_doubt;                 ///< why it is not uncached
  std::uint64_t uncached_differences = 0;  ///< records on which uncached views disagree
  Evidence evidence;
};

struct Judgement {
  Verdict verdict = Verdict::inconclusive;
  std::string reason;
};

Judgement judge(const VerdictInput& input);

}  // namespace npyrace
