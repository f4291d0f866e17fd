#include "bench/launchers/jobs_evidence.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "bench/analysis/statistics.h"
#include "bench/launchers/together.h"
#include "bench/storage/job_folder.h"
#include "bench/strategies/writer.h"

namespace npyrace {
namespace {

/// Excludes records of an earlier array of the same name.
bool belongs(const JobAttempt& attempt, const Sidecar& known) {
  return (known.id.empty() || attempt.array_id == known.id) &&
         attempt.stamp_seed == known.stamp_seed;
}

bool reported(const std::optional<JobRecord>& record, unsigned generation) {
  return record && record->attempt.generation == generation;
}

std::vector<JobRecord> records_of(const JobsSeen& seen, unsigned generation) {
  std::vector<JobRecord> records;
  for (const auto& record : seen.records)
    if (reported(record, generation)) records.push_back(*record);
  return records;
}

std::string joined(const std::vector<JobRecord>& records, std::string JobRecord::*field) {
  std::set<std::string> different;
  for (const JobRecord& record : records) different.insert(record.*field);
  return fmt::format("{}", fmt::join(different, ","));
}

/// Assigns numbers to page cache names.
class CacheNumbers {
 public:
  std::uint64_t of(const std::string& name) {
    return numbers_.emplace(name, numbers_.size()).first->second;
  }
  std::size_t count() const { return numbers_.size(); }

 private:
  std::map<std::string, std::uint64_t> numbers_;
};

/// Seconds from the first start to the last end, by CLOCK_REALTIME.
double wall_seconds(const std::vector<JobRecord>& records) {
  const auto first = std::ranges::min_element(records, {}, &JobRecord::start_ns);
  const auto last = std::ranges::max_element(records, {}, &JobRecord::end_ns);
  return static_cast<double>(last->end_ns - first->start_ns) * 1e-9;
}

/// The writer's acknowledged records before the jobs.
WriterPromise promise_before(const Sidecar& known, std::uint64_t writer) {
  if (!known.promises.empty()) return known.promises[writer];
  return {.kept = known.acknowledged ? known.generation : 0, .newest = known.generation};
}

/// The last acknowledged write counts, whatever its generation. A later write that was not
/// acknowledged may have replaced any of its records.
WriterPromise promise_after(WriterPromise promise, const std::optional<JobRecord>& record,
                            const std::optional<JobAttempt>& unfinished) {
  if (record) promise = {.kept = record->attempt.generation, .newest = record->attempt.generation};
  if (!unfinished) return promise;
  promise.newest = std::max(promise.newest, unfinished->generation);
  promise.kept = std::min(promise.kept, unfinished->generation);
  return promise;
}

}  // namespace

bool JobsSeen::any() const {
  const auto is_there = [](const auto& one) { return one.has_value(); };
  return std::ranges::any_of(records, is_there) || std::ranges::any_of(unfinished, is_there);
}

JobsSeen look_at_jobs(const std::string& array_path, const Sidecar& known) {
  const auto writers = static_cast<std::size_t>(known.array.writers);
  JobsSeen seen{.records = std::vector<std::optional<JobRecord>>(writers),
                .unfinished = std::vector<std::optional<JobAttempt>>(writers)};
  for (std::size_t writer = 0; writer < writers; ++writer) {
    auto record = read_job_record(job_record_path(array_path, writer));
    if (record && belongs(record->attempt, known) && record->writers == writers)
      seen.records[writer] = std::move(record);
    auto claim = read_job_attempt(job_claim_path(array_path, writer));
    const auto& finished = seen.records[writer];
    if (claim && belongs(*claim, known) && (!finished || finished->attempt.id != claim->id))
      seen.unfinished[writer] = std::move(claim);
  }
  return seen;
}

Expectation expectation_of(const Sidecar& known, const JobsSeen& seen) {
  Expectation expectation{.generation = known.generation};
  if (known.acknowledged && known.promises.empty() && !seen.any()) return expectation;
  for (std::size_t writer = 0; writer < seen.records.size(); ++writer) {
    const WriterPromise promise =
        promise_after(promise_before(known, writer), seen.records[writer], seen.unfinished[writer]);
    expectation.generation = std::max(expectation.generation, promise.newest);
    expectation.promises.push_back(promise);
  }
  return expectation;
}

JobsEvidence evidence_of(const JobsSeen& seen, unsigned generation) {
  const std::vector<JobRecord> records = records_of(seen, generation);
  JobsEvidence evidence{.strategy = joined(records, &JobRecord::strategy),
                        .sync = joined(records, &JobRecord::sync)};
  const ComparedTimes times = compared_times(records);
  const std::vector<WriterReport>& reports = times.reports;
  evidence.clock_error_seconds = static_cast<double>(times.largest_error_ns) * 1e-9;
  evidence.incomparable = times.incomparable;
  std::vector<std::uint64_t> caches_of_reports;
  std::vector<PhaseSeconds> phases;
  CacheNumbers caches;
  for (const JobRecord& record : records) {
    caches_of_reports.push_back(caches.of(record.cache));
    phases.push_back(record.phases);
  }
  evidence.cache_count = caches.count();
  for (std::size_t writer = 0; writer < seen.records.size(); ++writer) {
    const auto& record = seen.records[writer];
    const bool known = reported(record, generation);
    evidence.caches.push_back(caches.of(known ? record->cache : fmt::format("of {}", writer)));
  }
  // A clock that was set between start and end can give negative times.
  evidence.seconds = std::max(0.0, wall_seconds(records));
  evidence.overlap_seconds = std::max(0.0, overlap_seconds(reports, caches_of_reports));
  evidence.together_share = std::clamp(together_share(reports, caches_of_reports, false), 0.0, 1.0);
  evidence.phases = median_phases(phases);
  return evidence;
}

std::vector<WriterReport> writer_reports_of(const std::vector<JobRecord>& records) {
  return compared_times(records).reports;
}

JobsResult summary_of(const JobsSeen& seen, unsigned generation) {
  JobsResult result{.workers = seen.records.size()};
  std::set<std::string> hosts;
  for (std::size_t writer = 0; writer < seen.records.size(); ++writer) {
    const auto& record = seen.records[writer];
    if (!reported(record, generation)) result.missing.push_back(writer);
    if (seen.unfinished[writer])
      result.unfinished.push_back(
          fmt::format("worker {}: {}", writer, describe(*seen.unfinished[writer])));
    if (!record) continue;
    hosts.insert(record->attempt.host_name);
    for (const std::string& other : record->met)
      result.met.push_back(
          fmt::format("worker {}: {} and {}", writer, describe(record->attempt), other));
  }
  result.hosts.assign(hosts.begin(), hosts.end());
  return result;
}

}  // namespace npyrace
