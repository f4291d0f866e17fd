#include "bench/launchers/slurm.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <thread>
#include <vector>

#include "bench/interrupt.h"
#include "bench/jobs/job_folder.h"
#include "bench/jobs/jobs_evidence.h"
#include "bench/launchers/exec_output.h"
#include "bench/launchers/slurm_queue.h"
#include "bench/launchers/slurm_script.h"
#include "bench/race/sidecar.h"
#include "bench/stopwatch.h"
#include "bench/strategies/strategy.h"

namespace npyrace {
namespace {

/// What a node has written shows here when attribute caches let it.
constexpr std::chrono::seconds kVisibleWithin{15};
constexpr std::chrono::seconds kPollsEvery{1};

/// What `write` needs beside the array, and leaves there; gone in the end.
class JobFiles {
 public:
  explicit JobFiles(const std::string& path) : path_(path) { make_job_folder(path_); }
  JobFiles(const JobFiles&) = delete;
  JobFiles& operator=(const JobFiles&) = delete;
  ~JobFiles() { remove_job_files(path_); }

 private:
  std::string path_;
};

/// The tasks of one array job until the last has ended.
class TaskWatch {
 public:
  TaskWatch(const SlurmJob& job, const LaunchRequest& request) : job_(job), request_(request) {
    for (std::uint64_t task = 0; task < request.writers; ++task)
      tasks_[task] = {.state = "PENDING"};
  }

  /// Tasks may wait in the queue for as long as it takes; but where some run and none gets on for
  /// longer than our patience, they hang.
  const SlurmTasks& wait() {
    while (!all_ended()) {
      std::this_thread::sleep_for(kPollsEvery);
      if (interrupted()) throw Interrupted();
      if (const auto seen = job_.tasks()) note(*seen);
      tell();
      const std::chrono::nanoseconds idle(monotonic_ns() - changed_ns_);
      if (count("RUNNING") > 0 && idle > request_.patience)
        throw RaceError(fmt::format("Slurm job {}: no task has begun or ended for {} s, and {} run",
                                    job_.id(), request_.patience.count(), count("RUNNING")),
                        false);
    }
    return tasks_;
  }

 private:
  bool all_ended() const {
    return std::ranges::all_of(tasks_, [](const auto& task) { return has_ended(task.second); });
  }

  std::size_t count(const std::string& state) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        tasks_, [&](const auto& task) { return task.second.state == state; }));
  }

  /// Of a task that was cancelled before it began nothing is known from then on. One that ran and
  /// is forgotten ended well, as far as it can be known: what it left beside the array tells more.
  void note(const SlurmTasks& seen) {
    for (auto& [number, task] : tasks_)
      if (!seen.contains(number) && !npyrace::has_ended(task))
        change(task, {.state = task.state == "PENDING" ? "CANCELLED" : "COMPLETED"});
    for (const auto& [number, task] : seen)
      if (number < request_.writers) change(tasks_[number], task);
  }

  void change(SlurmTask& task, const SlurmTask& now) {
    if (task.state != now.state || task.node != now.node) changed_ns_ = monotonic_ns();
    task = now;
  }

  void tell() const {
    request_.tell(fmt::format("Slurm job {}: {} of {} tasks done, {} running, {} waiting",
                              job_.id(), count("COMPLETED"), request_.writers, count("RUNNING"),
                              count("PENDING")));
  }

  const SlurmJob& job_;
  const LaunchRequest& request_;
  SlurmTasks tasks_;
  std::int64_t changed_ns_ = monotonic_ns();
};

class SlurmCrew final : public Crew {
 public:
  explicit SlurmCrew(const LaunchRequest& request)
      : request_(request), files_(request.order.paths.front()) {
    known_ = {.array = request.order.array,
              .stamp_seed = request.order.stamp_seed,
              .generation = 0,
              .acknowledged = false,
              .id = new_array_id()};
  }

  GenerationReport race() override {
    ++known_.generation;
    write_sidecar(path(), known_);
    SlurmJob job(slurm_script(
        slurm_script_of(request_.order, request_.slurm, request_.writers, known_.generation)));
    const SlurmTasks tasks = TaskWatch(job, request_).wait();
    job.has_ended();
    const JobsSeen seen = look_until_visible(tasks);
    GenerationReport report = report_of(seen);
    bury(tasks, seen, report);
    if (!report.deaths.empty()) anybody_died_ = true;
    known_.promises = expectation_of(known_, seen).promises;
    if (anybody_died_) report.promises = known_.promises;
    return report;
  }

  std::vector<Death> finish() override { return {}; }

 private:
  const std::string& path() const { return request_.order.paths.front(); }

  bool has_reported(const JobsSeen& seen, std::uint64_t writer) const {
    const auto& record = seen.records[static_cast<std::size_t>(writer)];
    return record && record->attempt.generation == known_.generation;
  }

  /// Slurm knows that a task has ended before another node's folder shows what it left.
  JobsSeen look_until_visible(const SlurmTasks& tasks) const {
    const std::int64_t start_ns = monotonic_ns();
    for (;;) {
      JobsSeen seen = look_at_jobs(path(), known_);
      const bool all = std::ranges::all_of(tasks, [&](const auto& task) {
        return task.second.state != "COMPLETED" || has_reported(seen, task.first);
      });
      const std::chrono::nanoseconds passed(monotonic_ns() - start_ns);
      if (all || passed > kVisibleWithin) return seen;
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
  }

  GenerationReport report_of(const JobsSeen& seen) const {
    GenerationReport report;
    std::vector<JobRecord> records;
    for (std::uint64_t writer = 0; writer < request_.writers; ++writer)
      if (has_reported(seen, writer))
        records.push_back(*seen.records[static_cast<std::size_t>(writer)]);
    report.writers = writer_reports_of(records);
    report.nobody_left = report.writers.empty();
    if (report.nobody_left) return report;
    const JobsEvidence evidence = evidence_of(seen, known_.generation);
    report.overlap_seconds = evidence.overlap_seconds;
    report.together_share = evidence.together_share;
    report.caches = evidence.caches;
    return report;
  }

  void bury(const SlurmTasks& tasks, const JobsSeen& seen, GenerationReport& report) const {
    for (const auto& [writer, task] : tasks)
      if (!has_reported(seen, writer)) report.deaths.push_back(death_of(writer, task));
  }

  /// Somebody or something ended the task, unless it says itself that it failed.
  Death death_of(std::uint64_t writer, const SlurmTask& task) const {
    const bool of_itself =
        task.signal == 0 && (task.state == "FAILED" || task.state == "COMPLETED");
    std::string words = fmt::format("writer {}: Slurm says {}", writer, task.state);
    if (!task.node.empty()) words += " on " + task.node;
    if (task.signal > 0) words += fmt::format(" by signal {}", task.signal);
    if (!task.reason.empty() && task.reason != "None") words += " (" + task.reason + ")";
    if (!of_itself) return {words, false};
    const std::string said = last_line(slurm_output_path(job_folder(path()), writer));
    return {words + ": " + (said.empty() ? "it left no word of what it did" : said), true};
  }

  LaunchRequest request_;
  JobFiles files_;
  Sidecar known_;
  bool anybody_died_ = false;
};

/// Why tasks that do not know each other cannot write this way; empty: they can.
std::string unfit_reason(const RaceOrder& order) {
  if (order.strategies.size() > 1) return "all tasks of an array write one way: no --mix";
  const Strategy& strategy = find_strategy(order.strategies.front()).strategy;
  if (strategy.together() != Together::nothing)
    return "one writer does it for all, and tasks of a queue have none";
  if (strategy.needs_locks())
    return "locks were tried on this node only, and never between those that Slurm gives";
  return "";
}

}  // namespace

std::unique_ptr<Crew> SlurmLauncher::start(const LaunchRequest& request) const {
  if (const std::string reason = no_slurm_reason(); !reason.empty()) throw RaceError(reason, true);
  if (const std::string reason = unfit_reason(request.order); !reason.empty())
    throw RaceError("launcher slurm: " + reason, true);
  return std::make_unique<SlurmCrew>(request);
}

}  // namespace npyrace
