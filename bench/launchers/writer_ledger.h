#pragma once
// The books of launchers that keep their writers over all generations: which writers have failed,
// which failures were not reported yet, and what each writer has acknowledged.

#include <cstdint>
#include <vector>

#include "bench/launchers/launcher.h"

namespace npyrace {

/// How far a writer came.
struct WriterProgress {
  unsigned begun = 0;                      ///< the last generation that it may have begun
  unsigned finished = 0;                   ///< the last that it has finished
  std::uint64_t acknowledged_records = 0;  ///< of the generation that it has begun
  WriterReport report;                     ///< of the generation that it has finished
};

class WriterLedger {
 public:
  explicit WriterLedger(const LaunchRequest& request);

  /// A single writer writes or collects for all. Mixtures contain no such strategy.
  bool works_together() const { return works_together_; }
  bool has_failed(std::uint64_t writer) const { return failed_[writer]; }
  bool any_failed() const { return failed_count_ > 0; }
  void record_failure(std::uint64_t writer);
  /// Records failures that `words` describe, of one or several writers.
  void describe_failure(WriterFailure failure) { failures_.push_back(std::move(failure)); }
  /// The failures since the last call.
  std::vector<WriterFailure> take_failures();

  /// The report of a generation, with the times of those that have not failed. `writers`: one each,
  /// in order.
  GenerationReport report(unsigned generation, const std::vector<WriterProgress>& writers);

 private:
  std::vector<std::uint64_t> caches_;
  bool works_together_;
  std::vector<bool> failed_;
  std::uint64_t failed_count_ = 0;
  std::vector<WriterFailure> failures_;  ///< not yet reported
};

}  // namespace npyrace
