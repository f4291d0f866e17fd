#pragma once
// What uncoordinated jobs left beside an array, put together: who has reported, what each promised,
// and whether they were at work at the same time.

#include <optional>
#include <string>
#include <vector>

#include "bench/launchers/job_record.h"
#include "bench/storage/sidecar.h"
#include "bench/strategies/writer.h"
#include "core/result/result.h"
#include "validators/expectation.h"

namespace npyrace {

/// One entry a writer in both.
struct JobsSeen {
  std::vector<std::optional<JobRecord>> records;
  std::vector<std::optional<JobAttempt>> unfinished;  ///< began after that, and never reported

  bool any() const;
};

/// Reads what lies beside the array; what belongs to another array of the same name is left out.
/// Throws FormatError when a result is damaged, SystemError when it cannot be read.
JobsSeen look_at_jobs(const std::string& array_path, const Sidecar& known);

/// What the file must hold, from what was known before the jobs and what they say.
Expectation expectation_of(const Sidecar& known, const JobsSeen& seen);

/// When and where the writers of the last generation were at work.
struct JobsEvidence {
  double seconds = 0;  ///< from the first start to the last end
  PhaseSeconds phases;
  double overlap_seconds = 0;
  double together_share = 0;          ///< see race/overlap.h
  std::vector<std::uint64_t> caches;  ///< behind each writer; who has not reported has one alone
  std::size_t cache_count = 0;        ///< of those who have
  std::string strategy, sync;         ///< several are joined by commas
  double clock_error_seconds = 0;     ///< taken off the overlap: nodes' clocks may differ by that
  std::vector<std::string>
      incomparable;  ///< hosts whose clocks nothing bounds: they overlap nobody
};

/// Needs at least one record of that generation.
JobsEvidence evidence_of(const JobsSeen& seen, unsigned generation);

/// Jobs as writers of a race, by one clock.
std::vector<WriterReport> writer_reports_of(const std::vector<JobRecord>& records);

/// For people and JSON.
JobsResult summary_of(const JobsSeen& seen, unsigned generation);

}  // namespace npyrace
