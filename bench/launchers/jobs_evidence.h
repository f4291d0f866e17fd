#pragma once
// Combines the records that uncoordinated jobs left beside an array: which writers have finished,
// which records they acknowledged, and how much they overlapped.

#include <optional>
#include <string>
#include <vector>

#include "bench/launchers/job_record.h"
#include "bench/storage/sidecar.h"
#include "bench/strategies/writer.h"
#include "core/result/result.h"
#include "validators/expectation.h"

namespace npyrace {

/// Job files of an array; one entry per writer in both vectors.
struct JobsSeen {
  std::vector<std::optional<JobRecord>> records;
  /// A later attempt without a record: failed or running.
  std::vector<std::optional<JobAttempt>> unfinished;

  bool any() const;
};

/// Reads the job files beside the array. Files that belong to another array of the same name are
/// ignored. Throws FormatError when a record is malformed, SystemError when one cannot be read.
JobsSeen look_at_jobs(const std::string& array_path, const Sidecar& known);

/// The expected content of the file: the sidecar's, updated by the job records.
Expectation expectation_of(const Sidecar& known, const JobsSeen& seen);

/// Timing, overlap and page caches of the writers of the last generation.
struct JobsEvidence {
  double seconds = 0;  ///< from the first start to the last end
  PhaseSeconds phases;
  double overlap_seconds = 0;
  double together_share = 0;  ///< see writer.h
  /// Page cache of each writer; one without a record counts as having its own.
  std::vector<std::uint64_t> caches;
  std::size_t cache_count = 0;  ///< distinct caches among writers with a record
  std::string strategy, sync;   ///< joined by commas if they differ
  /// Bound on clock differences between nodes, subtracted from the overlap.
  double clock_error_seconds = 0;
  /// Hosts whose clock difference has no bound; their jobs count as not overlapping.
  std::vector<std::string> incomparable;
};

/// Requires at least one record of that generation.
JobsEvidence evidence_of(const JobsSeen& seen, unsigned generation);

/// Converts job records to writer reports on a common clock.
std::vector<WriterReport> writer_reports_of(const std::vector<JobRecord>& records);

/// Summary for text and JSON reports.
JobsResult summary_of(const JobsSeen& seen, unsigned generation);

}  // namespace npyrace
