#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "bench/launchers/launcher.h"
#include "bench/launchers/worker.h"
#include "bench/launchers/writer_ledger.h"
#include "core/base/error.h"
#include "core/os/process.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

/// Interval at which children are polled while waiting.
constexpr std::chrono::milliseconds kGlance{50};

/// Writers in child processes of our own binary on this machine, controlled through shared memory
/// (worker.h). Also threads run in a child, so that a crash or hang does not affect npyrace itself.
class WriterProcesses final : public WriterGroup {
 public:
  WriterProcesses(const LaunchRequest& request, std::uint64_t writers_each)
      : request_(request),
        writers_each_(writers_each),
        ledger_(request),
        control_(ControlBlock::create(request.writers, to_text(request.order))) {
    for (std::uint64_t first = 0; first < request.writers; first += writers_each)
      children_.emplace_back(
          SpawnRequest{.arguments = worker_arguments(first),
                       .descriptors = {{control_.descriptor(), kInheritedDescriptor}}});
  }

  ~WriterProcesses() override {
    abandon();
    // Kills all before the destructors wait for each.
    for (ChildProcess& child : children_) child.kill();
  }

  GenerationReport race() override {
    ++generation_;
    ControlHeader& header = control_.header();
    wait_for({header.ready, &WriterSlot::ready, generation_, "did not reach the start"});
    header.released.set(generation_);
    request_.on_released();
    if (is_held(generation_)) {
      const unsigned held = generation_ / 2;
      wait_for({header.written, &WriterSlot::written, held, "did not write every record"});
      header.let_sync.set(generation_);
    }
    if (ledger_.works_together() && !let_collect()) return report();
    wait_for({header.finished, &WriterSlot::finished, generation_, "did not finish"});
    return report();
  }

  std::vector<WriterFailure> finish() override {
    abandon();  // a race may end before its last generation
    Patience patience(request_.patience);
    while (!std::ranges::all_of(children_, [](ChildProcess& c) { return c.poll().has_value(); })) {
      look_after_children();
      if (patience.is_over()) throw RaceError("the workers have finished but do not end", false);
      control_.header().finished.wait_while(control_.header().finished.value(),
                                            std::chrono::milliseconds(1));
    }
    look_after_children();
    return ledger_.take_failures();
  }

 private:
  /// A point that each writer reaches in every generation, or in every held one.
  struct Milestone {
    const SharedCount& count;
    std::atomic<std::uint32_t> WriterSlot::*reached;
    unsigned rounds;  ///< how often each writer has reached it, including now
    const char* complaint;
  };

  void abandon() {
    control_.header().released.set(kAbandon);
    control_.header().let_collect.set(kAbandon);
    control_.header().let_finish.set(kAbandon);
    control_.header().let_sync.set(kAbandon);
  }

  /// With a collector: lets writer 0 collect when all have stored, and then lets all finish.
  /// Returns false if writer 0 is dead, so that nothing can be collected.
  bool let_collect() {
    ControlHeader& header = control_.header();
    wait_for({header.stored, &WriterSlot::stored, generation_, "did not store every record"});
    header.let_collect.set(generation_);
    Patience patience(request_.patience);
    while (header.collected.value() < generation_ && !ledger_.has_failed(kCollector)) {
      header.collected.wait_while(generation_ - 1, kGlance);
      if (quiet_since_glance() || interrupted()) look_after_children();
      if (patience.is_over()) give_up_on({kCollector}, "did not finish for the others");
    }
    const bool collected = header.collected.value() >= generation_;
    if (collected)
      header.let_finish.set(generation_);
    else
      abandon();
    return collected;
  }

  GenerationReport report() {
    std::vector<WriterProgress> writers;
    for (std::uint64_t writer = 0; writer < request_.writers; ++writer) {
      const WriterSlot& slot = control_.slot(writer);
      writers.push_back({slot.begun, slot.finished, slot.acknowledged_records, slot.report});
    }
    return ledger_.report(generation_, writers);
  }

  /// Timeout since the last progress.
  class Patience {
   public:
    explicit Patience(std::chrono::seconds limit)
        : limit_ns_(std::chrono::nanoseconds(limit).count()) {}
    void renew() { start_ns_ = monotonic_ns(); }
    bool is_over() const { return monotonic_ns() - start_ns_ > limit_ns_; }

   private:
    std::int64_t limit_ns_;
    std::int64_t start_ns_ = monotonic_ns();
  };

  std::vector<std::string> worker_arguments(std::uint64_t first) const {
    const std::uint64_t writers = std::min(writers_each_, request_.writers - first);
    return {kOwnBinary,       "worker",
            "--control",      std::to_string(kInheritedDescriptor),
            "--parent",       std::to_string(::getpid()),
            "--first-writer", std::to_string(first),
            "--writers",      std::to_string(writers)};
  }

  /// Waits until all living writers have reached the milestone in this generation.
  void wait_for(const Milestone& milestone) {
    Patience patience(request_.patience);
    for (std::uint32_t seen = milestone.count.value(); still_missing(seen, milestone) > 0;) {
      milestone.count.wait_while(seen, kGlance);
      const std::uint32_t now = milestone.count.value();
      if (now != seen) patience.renew();
      seen = now;
      // Polling every child is expensive with thousands of them; do it at most once per interval.
      const std::uint64_t missing = still_missing(seen, milestone);
      if (missing > 0 && (quiet_since_glance() || interrupted())) look_after_children();
      if (missing > 0 && patience.is_over())
        give_up_on(missing_writers(milestone), milestone.complaint);
    }
  }

  std::vector<std::uint64_t> missing_writers(const Milestone& milestone) {
    std::vector<std::uint64_t> missing;
    for (std::uint64_t writer = 0; writer < request_.writers; ++writer)
      if (!ledger_.has_failed(writer) && (control_.slot(writer).*milestone.reached) < generation_)
        missing.push_back(writer);
    return missing;
  }

  /// Kills the processes of hanging writers, and with them the other writers of these processes, so
  /// that the race continues and the file can be judged.
  void give_up_on(const std::vector<std::uint64_t>& hanging, const char* complaint) {
    for (const std::uint64_t writer : hanging) {
      const std::uint64_t process = writer / writers_each_;
      children_[process].kill();
      const std::uint64_t end = std::min((process + 1) * writers_each_, request_.writers);
      for (std::uint64_t other = process * writers_each_; other < end; ++other)
        ledger_.record_failure(other);
    }
    ledger_.describe_failure(
        {hanging_words(hanging, request_.writers, complaint, request_.patience), true, true});
    wait_for_the_killed(hanging);
  }

  /// Waits until killed processes have ended, because they may still write. A process that hangs on
  /// a dead server cannot be ended: then the file is judged after a timeout.
  void wait_for_the_killed(const std::vector<std::uint64_t>& hanging) {
    constexpr std::int64_t kLongestNs = 5'000'000'000;
    const std::int64_t start_ns = monotonic_ns();
    const auto is_gone = [&](std::uint64_t writer) {
      return children_[writer / writers_each_].poll().has_value();
    };
    while (!std::ranges::all_of(hanging, is_gone) && monotonic_ns() - start_ns < kLongestNs)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  /// The shared counter is fast but includes dead writers; if there are any, checks each writer.
  std::uint64_t still_missing(std::uint32_t counted, const Milestone& milestone) {
    if (!ledger_.any_failed())
      return static_cast<std::uint32_t>(request_.writers * milestone.rounds) - counted;
    return missing_writers(milestone).size();
  }

  bool quiet_since_glance() {
    const std::int64_t now_ns = monotonic_ns();
    if (now_ns - last_glance_ns_ < std::chrono::nanoseconds(kGlance).count()) return false;
    last_glance_ns_ = now_ns;
    return true;
  }

  /// Detects failed writers and children that have exited. Throws if the system refuses an
  /// operation.
  void look_after_children() {
    if (interrupted()) throw Interrupted();
    // A failed thread leaves its process and the other writers in it running.
    for (std::uint64_t writer = 0; writer < request_.writers; ++writer)
      if (control_.slot(writer).state != WriterState::running) note_failure(writer);
    for (std::size_t i = 0; i < children_.size(); ++i) {
      const auto status = children_[i].poll();
      if (status && *status != 0) note_death(i * writers_each_, *status);
    }
  }

  /// A refusal by the system is not attributed to one writer.
  void note_failure(std::uint64_t writer) {
    const WriterSlot& slot = control_.slot(writer);
    if (slot.state == WriterState::refused) throw RaceError(slot.message, true);
    if (ledger_.has_failed(writer)) return;
    ledger_.record_failure(writer);
    ledger_.describe_failure({fmt::format("writer {}: {}", writer, slot.message), true});
  }

  /// A process that exits with ExitCode::trouble has stored the failure in a slot; the other
  /// writers in it are lost as well.
  void note_death(std::uint64_t first, int status) {
    const std::uint64_t end = std::min(first + writers_each_, request_.writers);
    bool told = false;
    for (std::uint64_t writer = first; writer < end; ++writer) {
      if (control_.slot(writer).state != WriterState::running) note_failure(writer);
      told |= ledger_.has_failed(writer);
    }
    for (std::uint64_t writer = first; writer < end; ++writer) ledger_.record_failure(writer);
    if (told) return;
    const std::string who = end - first == 1 ? fmt::format("writer {}", first)
                                             : fmt::format("writers {} to {}", first, end - 1);
    ledger_.describe_failure(
        {fmt::format("{}: {}", who, describe_exit(status)), !was_killed(status)});
  }

  LaunchRequest request_;
  std::uint64_t writers_each_;
  WriterLedger ledger_;
  ControlBlock control_;
  std::vector<ChildProcess> children_;
  unsigned generation_ = 0;
  std::int64_t last_glance_ns_ = 0;
};

}  // namespace

std::unique_ptr<WriterGroup> start_processes(const LaunchRequest& request) {
  return std::make_unique<WriterProcesses>(request, 1);
}

std::unique_ptr<WriterGroup> start_threads(const LaunchRequest& request) {
  return std::make_unique<WriterProcesses>(request, request.writers);
}

}  // namespace npyrace
