#include "bench/launchers/writer_ledger.h"

#include <utility>

#include "bench/strategies/strategy.h"

namespace npyrace {
namespace {

/// Everything, or up to the last sync of an unfinished generation.
WriterPromise promise_of(const WriterProgress& writer) {
  const bool broke_off = writer.begun > writer.finished;
  return {.kept = writer.finished,
          .newest = writer.begun,
          .newest_records = broke_off ? writer.acknowledged_records : 0};
}

}  // namespace

WriterLedger::WriterLedger(const LaunchRequest& request)
    : caches_(request.caches),
      works_together_(find_strategy(request.order.strategies.front()).strategy.together !=
                      Aggregation::nothing),
      failed_(static_cast<std::size_t>(request.writers)) {}

void WriterLedger::record_failure(std::uint64_t writer) {
  failed_count_ += !failed_[writer];
  failed_[writer] = true;
}

std::vector<WriterFailure> WriterLedger::take_failures() {
  return std::exchange(failures_, {});
}

GenerationReport WriterLedger::report(unsigned generation,
                                      const std::vector<WriterProgress>& writers) {
  GenerationReport report{.held = is_held(generation), .failures = take_failures()};
  std::vector<std::uint64_t> caches;
  for (std::size_t writer = 0; writer < writers.size(); ++writer) {
    if (any_failed()) report.promises.push_back(promise_of(writers[writer]));
    if (failed_[writer] || writers[writer].finished != generation) continue;
    report.writers.push_back(writers[writer].report);
    caches.push_back(caches_[writer % caches_.size()]);
  }
  report.overlap_seconds = overlap_seconds(report.writers, caches);
  report.together_share = together_share(report.writers, caches, report.held);
  report.all_failed = failed_count_ == failed_.size() || (works_together_ && failed_[kCollector]);
  return report;
}

}  // namespace npyrace
