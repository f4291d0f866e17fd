#include "bench/launchers/spawned_crew.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "bench/interrupt.h"
#include "bench/launchers/child_process.h"
#include "bench/race/control_block.h"
#include "bench/race/overlap.h"
#include "bench/stopwatch.h"
#include "core/error.h"

namespace npyrace {
namespace {

/// How often children are looked after while we wait.
constexpr std::chrono::milliseconds kGlance{50};

class SpawnedCrew final : public Crew {
 public:
  SpawnedCrew(const LaunchRequest& request, std::uint64_t writers_each)
      : request_(request),
        writers_each_(writers_each),
        control_(ControlBlock::create(request.writers, to_text(request.order))) {
    for (std::uint64_t first = 0; first < request.writers; first += writers_each)
      children_.emplace_back(ChildRequest{.program = kOwnBinary,
                                          .arguments = worker_arguments(first),
                                          .inherited_descriptor = control_.descriptor()});
  }

  ~SpawnedCrew() override {
    control_.header().released.set(kAbandon);
    // All at once, before each is waited for in turn.
    for (ChildProcess& child : children_) child.kill();
  }

  GenerationReport race() override {
    ++generation_;
    ControlHeader& header = control_.header();
    wait_for(header.ready, "did not reach the start");
    header.released.set(generation_);
    wait_for(header.finished, "did not finish");
    GenerationReport report;
    for (std::uint64_t writer = 0; writer < request_.writers; ++writer)
      report.writers.push_back(control_.slot(writer).report);
    report.overlap_seconds = overlap_seconds(report.writers, request_.caches);
    return report;
  }

  void finish() override {
    control_.header().released.set(kAbandon);  // a race may end before its last generation
    Patience patience(request_.patience);
    while (!std::ranges::all_of(children_, [](ChildProcess& c) { return c.poll().has_value(); })) {
      look_after_children();
      if (patience.is_over()) fail("the workers have finished but do not end", false);
      control_.header().finished.wait_while(control_.header().finished.value(),
                                            std::chrono::milliseconds(1));
    }
    look_after_children();
  }

 private:
  /// Time without progress.
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
    return {"worker",
            "--control",
            std::to_string(kInheritedDescriptor),
            "--parent",
            std::to_string(::getpid()),
            "--first-writer",
            std::to_string(first),
            "--writers",
            std::to_string(writers)};
  }

  /// Until all writers were counted in this generation.
  void wait_for(const SharedCount& count, const char* complaint) {
    const auto goal = static_cast<std::uint32_t>(request_.writers * generation_);
    Patience patience(request_.patience);
    for (std::uint32_t seen = count.value(); seen < goal;) {
      count.wait_while(seen, kGlance);
      const std::uint32_t now = count.value();
      if (now != seen) patience.renew();
      seen = now;
      // With thousands of children a look at each costs more than a wake-up: only when it is quiet.
      if (seen < goal && (quiet_since_glance() || interrupted())) look_after_children();
      if (patience.is_over())
        fail(fmt::format("{} of {} writers {} within {} s", goal - seen, request_.writers,
                         complaint, request_.patience.count()),
             false);
    }
  }

  bool quiet_since_glance() {
    const std::int64_t now_ns = monotonic_ns();
    if (now_ns - last_glance_ns_ < std::chrono::nanoseconds(kGlance).count()) return false;
    last_glance_ns_ = now_ns;
    return true;
  }

  /// Throws when a child has ended before its time.
  void look_after_children() {
    if (interrupted()) throw Interrupted();
    // A thread that failed leaves its process running: the others wait at the next start.
    for (std::uint64_t writer = 0; writer < request_.writers; ++writer)
      if (control_.slot(writer).state != WriterState::running) report_failure(writer);
    for (std::size_t i = 0; i < children_.size(); ++i) {
      const auto status = children_[i].poll();
      if (status && *status != 0) report_death(i * writers_each_, *status);
    }
  }

  /// What the system refuses is no writer's fault: its words stand alone.
  [[noreturn]] void report_failure(std::uint64_t writer) {
    const WriterSlot& slot = control_.slot(writer);
    if (slot.state == WriterState::refused) fail(slot.message, true);
    fail(fmt::format("writer {}: {}", writer, slot.message), false);
  }

  [[noreturn]] void report_death(std::uint64_t first, int status) {
    const std::uint64_t end = std::min(first + writers_each_, request_.writers);
    const std::string who = end - first == 1 ? fmt::format("writer {}", first)
                                             : fmt::format("writers {} to {}", first, end - 1);
    fail(fmt::format("{}: {}", who, describe_exit(status)), false);
  }

  [[noreturn]] static void fail(const std::string& reason, bool refused) {
    throw RaceError(reason, refused);
  }

  LaunchRequest request_;
  std::uint64_t writers_each_;
  ControlBlock control_;
  std::vector<ChildProcess> children_;
  unsigned generation_ = 0;
  std::int64_t last_glance_ns_ = 0;
};

}  // namespace

std::unique_ptr<Crew> start_spawned_crew(const LaunchRequest& request, std::uint64_t writers_each) {
  return std::make_unique<SpawnedCrew>(request, writers_each);
}

}  // namespace npyrace
