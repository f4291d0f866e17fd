#include "bench/launchers/slurm.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "bench/launchers/exec_program.h"
#include "bench/launchers/jobs_evidence.h"
#include "bench/launchers/slurm_queue.h"
#include "bench/storage/job_folder.h"
#include "bench/storage/sidecar.h"
#include "bench/strategies/strategy.h"
#include "core/base/print.h"
#include "core/file/atomic_file.h"
#include "core/os/shell.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

/// Escapes percent signs, which Slurm expands in file names, and quotes, in which the name stands.
std::string without_patterns(const std::string& path) {
  std::string out;
  for (const char c : path) out += c == '%' ? "%%" : c == '"' ? "\\\"" : std::string(1, c);
  return out;
}

std::string directive(const std::string& option) {
  return "#SBATCH " + option + "\n";
}

}  // namespace

std::string slurm_output_path(const std::string& folder, std::uint64_t writer) {
  return fmt::format("{}/task-{}.out", folder, writer);
}

SlurmScript slurm_script_of(const RaceOrder& order, const SlurmOrder& slurm, std::uint64_t writers,
                            unsigned generation) {
  std::vector<std::string> paths;
  for (const std::string& path : order.paths)
    paths.push_back(std::filesystem::absolute(path).lexically_normal().string());
  return {.npyrace = slurm.npyrace,
          .paths = paths,
          .writers = writers,
          .generation = generation,
          .strategy = order.strategies.front(),
          .sync = order.sync,
          .together_seconds = slurm.together_seconds,
          .output_folder = job_folder(paths.front()),
          .options = slurm.options};
}

std::string slurm_script(const SlurmScript& script) {
  std::string text =
      "#!/bin/sh\n" + directive("--job-name=npyrace") +
      directive(fmt::format("--array=0-{}", script.writers - 1)) + directive("--ntasks=1") +
      directive("--requeue") +
      directive(fmt::format("--output=\"{}/task-%a.out\"", without_patterns(script.output_folder)));
  for (const std::string& option : script.options) text += directive(option);
  text += "# The same file through each mount: neighbours go through different ones.\nset --";
  for (const std::string& path : script.paths) text += " " + shell_word(path);
  text += "\nshift $((SLURM_ARRAY_TASK_ID % $#))\n";
  text += fmt::format(
      "exec {} write \"$1\" --worker \"$SLURM_ARRAY_TASK_ID/{}\" --generation {} --strategy {} "
      "--sync {}{}\n",
      shell_word(script.npyrace), script.writers, script.generation, shell_word(script.strategy),
      shell_word(script.sync),
      script.together_seconds > 0 ? fmt::format(" --together {}", script.together_seconds) : "");
  return text;
}

namespace {

/// Files written by a node become visible here after attribute caches expire.
constexpr std::chrono::seconds kVisibleWithin{15};
constexpr std::chrono::seconds kPollsEvery{1};
/// Our state for a task that had to be cancelled, in addition to Slurm's states.
constexpr const char* kHung = "HUNG";

/// Creates the files that `write` needs beside the array and removes them, with the job records, at
/// the end.
class JobFiles {
 public:
  explicit JobFiles(const std::string& path) : path_(path) { make_new_job_folder(path_); }
  JobFiles(const JobFiles&) = delete;
  JobFiles& operator=(const JobFiles&) = delete;
  ~JobFiles() {
    if (!left_) remove_job_files(path_);
  }
  void leave() { left_ = true; }

 private:
  std::string path_;
  bool left_ = false;
};

/// Returns, for each task, whether its record of a finished attempt exists.
using LookForReports = std::function<std::vector<bool>()>;

/// Tracks the tasks of one array job until all have ended.
class TaskWatch {
 public:
  TaskWatch(const SlurmJob& job, const LaunchRequest& request, LookForReports reports)
      : job_(job), request_(request), reports_(std::move(reports)) {
    for (std::uint64_t task = 0; task < request.writers; ++task)
      tasks_[task] = {.state = "PENDING"};
  }

  /// There is no time limit for queued tasks. If some tasks run and none makes progress within the
  /// patience, they count as hanging and are returned as they are.
  const SlurmTasks& wait() {
    while (!all_ended()) {
      std::this_thread::sleep_for(kPollsEvery);
      if (interrupted()) throw Interrupted();
      const SlurmAnswer answer = job_.ask();
      note(answer);
      tell(answer);
      const std::chrono::nanoseconds idle(monotonic_ns() - changed_ns_);
      if (count("RUNNING") > 0 && idle > request_.patience) {
        hangs_ = true;
        return tasks_;
      }
      require_knowledge(answer);
    }
    return tasks_;
  }

  bool hangs() const { return hangs_; }

 private:
  bool all_ended() const {
    return std::ranges::all_of(tasks_, [](const auto& task) { return has_ended(task.second); });
  }

  std::size_t count(const std::string& state) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        tasks_, [&](const auto& task) { return task.second.state == state; }));
  }

  /// Updates all tasks. If the controller knows the job, a task that it does not list was cancelled
  /// before its start if never seen running, and otherwise ended successfully as far as known: its
  /// job record tells more. If the job is unknown, only job records count.
  void note(const SlurmAnswer& answer) {
    std::vector<bool> reported;
    if (answer.knows != SlurmAnswer::Knows::no_answer && misses_any(answer)) reported = reports_();
    for (auto& [number, task] : tasks_)
      if (!reported.empty() && is_missed(number, task, answer))
        note_absent(task, answer.knows, reported[static_cast<std::size_t>(number)]);
    for (const auto& [number, task] : answer.tasks)
      if (number < request_.writers) change(tasks_[number], task);
    if (answer.knows == SlurmAnswer::Knows::job) known_ns_ = monotonic_ns();
  }

  static bool is_missed(std::uint64_t number, const SlurmTask& task, const SlurmAnswer& answer) {
    return !answer.tasks.contains(number) && !npyrace::has_ended(task);
  }

  bool misses_any(const SlurmAnswer& answer) const {
    return std::ranges::any_of(
        tasks_, [&](const auto& task) { return is_missed(task.first, task.second, answer); });
  }

  void note_absent(SlurmTask& task, SlurmAnswer::Knows knows, bool reported) {
    if (reported)
      change(task, {.state = "COMPLETED", .node = task.node});
    else if (knows == SlurmAnswer::Knows::job)
      change(task, {.state = task.state == "PENDING" ? "CANCELLED" : "COMPLETED"});
  }

  /// A controller that is down may return; one that does not know the job will not learn of it.
  void require_knowledge(const SlurmAnswer& answer) const {
    constexpr int kAwayFor = 5;  // multiple of the patience
    if (answer.knows == SlurmAnswer::Knows::job || all_ended()) return;
    const bool away = answer.knows == SlurmAnswer::Knows::no_answer;
    const std::int64_t since_ns = std::max(known_ns_, changed_ns_);
    const std::chrono::nanoseconds passed(monotonic_ns() - since_ns);
    if (passed <= request_.patience * (away ? kAwayFor : 1)) return;
    const auto left = std::ranges::count_if(
        tasks_, [](const auto& task) { return !npyrace::has_ended(task.second); });
    throw RaceError(
        fmt::format("Slurm job {}: {}; {} of {} tasks have left no report and may still be running",
                    job_.name(),
                    away ? "Slurm does not answer"
                         : fmt::format("Slurm does not know it ({})", answer.words),
                    left, request_.writers),
        false);
  }

  void change(SlurmTask& task, const SlurmTask& now) {
    if (task.state != now.state || task.node != now.node) changed_ns_ = monotonic_ns();
    task = now;
  }

  void tell(const SlurmAnswer& answer) const {
    const char* doubt = answer.knows == SlurmAnswer::Knows::no_answer ? "; Slurm does not answer"
                        : answer.knows == SlurmAnswer::Knows::nothing ? "; Slurm does not know it"
                                                                      : "";
    request_.tell(fmt::format("Slurm job {}: {} of {} tasks done, {} running, {} waiting{}",
                              job_.name(), count("COMPLETED"), request_.writers, count("RUNNING"),
                              count("PENDING"), doubt));
  }

  const SlurmJob& job_;
  const LaunchRequest& request_;
  LookForReports reports_;
  SlurmTasks tasks_;
  bool hangs_ = false;
  std::int64_t changed_ns_ = monotonic_ns();
  std::int64_t known_ns_ = monotonic_ns();  ///< when the controller last knew the job
};

/// Each task runs `npyrace write`. The job records that it leaves beside the array give the times
/// and hosts of its writes.
class SlurmTaskWriters final : public WriterGroup {
 public:
  explicit SlurmTaskWriters(const LaunchRequest& request)
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
    SlurmJob job(slurm_script(slurm_script_of(request_.order, request_.slurm, request_.writers,
                                              known_.generation)),
                 request_.writers);
    const SlurmTasks tasks = wait_for(job);
    const JobsSeen seen = look_until_visible(tasks);
    GenerationReport report = report_of(seen);
    record_failures(tasks, seen, report);
    if (!report.failures.empty()) anybody_died_ = true;
    known_.promises = expectation_of(known_, seen).promises;
    if (anybody_died_) report.promises = known_.promises;
    return report;
  }

  std::vector<WriterFailure> finish() override { return {}; }

 private:
  const std::string& path() const { return request_.order.paths.front(); }

  /// Waits until all tasks have ended. If they cannot be ended, the files that they may still write
  /// to are kept.
  SlurmTasks wait_for(SlurmJob& job) {
    write_file_atomically(queued_job_path(path()), job.name() + "\n");
    const auto reported = [this] {
      const JobsSeen seen = look_at_jobs(path(), known_);
      std::vector<bool> all;
      for (std::uint64_t writer = 0; writer < request_.writers; ++writer)
        all.push_back(has_reported(seen, writer));
      return all;
    };
    try {
      if (!job.problem().empty()) throw RaceError(job.problem(), false);
      TaskWatch watch(job, request_, reported);
      SlurmTasks tasks = watch.wait();
      if (watch.hangs()) {
        if (!job.cancel()) throw RaceError("its tasks hang", false);
        for (auto& [writer, task] : tasks)
          if (!has_ended(task)) task.state = kHung;
      }
      job.has_ended();
      return tasks;
    } catch (const std::exception& error) {
      if (job.cancel()) throw;
      files_.leave();
      request_.on_file_in_use();
      const std::string words = fmt::format(
          "it is unknown whether job {} has ended after scancel: {} stays until you remove it",
          job.name(), path());
      if (interrupted()) {
        print_note("npyrace: {}\n", words);
        throw;
      }
      throw RaceError(fmt::format("{}; {}", error.what(), words), false);
    }
  }

  bool has_reported(const JobsSeen& seen, std::uint64_t writer) const {
    const auto& record = seen.records[static_cast<std::size_t>(writer)];
    return record && record->attempt.generation == known_.generation;
  }

  /// Slurm reports the end of a task before its files are visible on this node.
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
    report.all_failed = report.writers.empty();
    if (report.all_failed) return report;
    const JobsEvidence evidence = evidence_of(seen, known_.generation);
    report.overlap_seconds = evidence.overlap_seconds;
    report.together_share = evidence.together_share;
    report.caches = evidence.caches;
    return report;
  }

  void record_failures(const SlurmTasks& tasks, const JobsSeen& seen,
                       GenerationReport& report) const {
    for (const auto& [writer, task] : tasks)
      if (!has_reported(seen, writer)) report.failures.push_back(failure_of(writer, task));
  }

  /// The task was killed from outside unless its record says that it failed.
  WriterFailure failure_of(std::uint64_t writer, const SlurmTask& task) const {
    if (task.state == kHung)
      return {
          fmt::format(
              "writer {}{} did not end within {} s, in which no task began or ended; its job was "
              "cancelled",
              writer, task.node.empty() ? "" : " on " + task.node, request_.patience.count()),
          true, true};
    const bool of_itself =
        task.signal == 0 && (task.state == "FAILED" || task.state == "COMPLETED");
    std::string words = fmt::format("writer {}: Slurm says {}", writer, task.state);
    if (!task.node.empty()) words += " on " + task.node;
    if (task.signal > 0) words += fmt::format(" by signal {}", task.signal);
    if (!task.reason.empty() && task.reason != "None") words += " (" + task.reason + ")";
    if (!of_itself) return {words, false};
    const std::string said = last_line(slurm_output_path(job_folder(path()), writer));
    return {words + ": " + (said.empty() ? "it wrote no job record" : said), true};
  }

  LaunchRequest request_;
  JobFiles files_;
  Sidecar known_;
  bool anybody_died_ = false;
};

/// Why independent tasks cannot write this way; empty: they can.
std::string unfit_reason(const RaceOrder& order) {
  if (order.strategies.size() > 1) return "all tasks of an array write one way: no --mix";
  const Strategy& strategy = find_strategy(order.strategies.front()).strategy;
  if (strategy.together != Aggregation::nothing)
    return "one writer collects the records of all, which independent tasks cannot do";
  if (strategy.needs_locks)
    return "locks were tried on this node only, and never between those that Slurm gives; --launcher mpi "
           "inside a job of several nodes tries them";
  return "";
}

}  // namespace

std::unique_ptr<WriterGroup> start_slurm_tasks(const LaunchRequest& request) {
  if (const std::string reason = no_slurm_reason(); !reason.empty()) throw RaceError(reason, true);
  if (const std::string reason = unfit_reason(request.order); !reason.empty())
    throw RaceError("launcher slurm: " + reason, true);
  return std::make_unique<SlurmTaskWriters>(request);
}

}  // namespace npyrace
