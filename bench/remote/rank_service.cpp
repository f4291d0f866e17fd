#include "bench/remote/rank_service.h"

#include <memory>
#include <optional>

#include "bench/remote/interrupt_cleanup.h"
#include "bench/remote/rank_words.h"
#include "bench/remote/rank_writer.h"
#include "bench/storage/place_trials.h"
#include "bench/storage/race_file.h"
#include "bench/storage/views.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

class Service {
 public:
  Service(Transport& transport, const FileOpener& open_file, StepHandler play)
      : transport_(transport), open_file_(open_file), play_(std::move(play)) {}

  /// Executes one order; returns false on Task::leave.
  bool obey(const std::string& text) {
    const RankOrder order = rank_order_from_text(text);
    switch (order.task) {
      case Task::look:
        answer([&] { return to_text(look_at_place(order.dirs, order.judge_dir)); });
        break;
      case Task::see:
        answer([&] { return see(order.file); });
        break;
      case Task::lock:
        answer([&] { return take_lock(order.file.path); });
        break;
      case Task::try_lock:
        answer([&] { return try_lock(order.file.path); });
        break;
      case Task::unlock:
        answer([&] { return give_up_lock(); });
        break;
      case Task::start:
        start(order);
        break;
      case Task::race:
        tell(to_text(writer_->race(order.generation)));
        break;
      case Task::caches:
        answer([&] { return prepare(order.cache); });
        break;
      case Task::clock:
        answer_clock(order.questions);
        break;
      case Task::play:
        tell(play_(order.step));
        break;
      case Task::scan:
        answer([&] { return to_text(scan_part(text)); });
        break;
      case Task::finish:
        finish();
        break;
      case Task::leave:
        return false;
    }
    return true;
  }

  InterruptCleanup& will() { return will_; }

 private:
  void tell(const std::string& text) { transport_.send(0, text); }

  template <typename Work>
  void answer(Work work) {
    try {
      tell(work());
    } catch (const std::exception& error) {
      tell(trouble_text(error.what()));
    }
  }

  std::string see(const RankFileWords& file) {
    wait_until_visible(file.made, file.path, file.bytes);
    return "";
  }

  std::string take_lock(const std::string& path) {
    held_.emplace(path, open_file_).take();
    return "";
  }

  std::string try_lock(const std::string& path) {
    return FileLocker(path, open_file_).is_granted() ? kGranted : "";
  }

  std::string give_up_lock() {
    held_->give_up();
    held_.reset();
    return "";
  }

  void start(const RankOrder& order) {
    writer_.reset();  // left from a race that could not begin
    race_ = order.race;
    group_ = transport_.group(order.writers);
    if (!group_) return;
    will_.set_race_file(race_.path_of(group_->rank()));
    answer([&] {
      writer_ = std::make_unique<RankWriter>(race_, *group_, open_file_);
      return std::string();
    });
  }

  void finish() {
    writer_.reset();
    group_.reset();
    will_.set_race_file("");
  }

  std::string prepare(const std::string& cache) {
    find_cache(cache).prepare(race_.paths, open_file_);
    return "";
  }

  void answer_clock(std::uint64_t questions) {
    for (std::uint64_t i = 0; i < questions; ++i) {
      transport_.receive(0, Wait::short_wait);
      tell(std::to_string(monotonic_ns()));
    }
  }

  Findings scan_part(const std::string& text) {
    const RemoteScan part = remote_scan_from_text(text);
    const ArrayMap map(part.array);
    return scan({.subject = {.map = map,
                             .stamper = map.stamper(part.stamp_seed),
                             .expectation = part.expectation},
                 .open_file = open_file_,
                 .judge = part.judge,
                 .views = part.views,
                 .part = part.part,
                 .parts = part.parts,
                 .cancelled = interrupted});
  }

  Transport& transport_;
  const FileOpener& open_file_;
  StepHandler play_;
  InterruptCleanup will_{std::chrono::milliseconds(0), ""};
  RaceOrder race_;
  std::unique_ptr<RankGroup> group_;
  std::optional<FileLocker> held_;
  std::unique_ptr<RankWriter> writer_;  // must be destroyed before its group
};

}  // namespace

void serve(Transport& transport, const FileOpener& open_file, StepHandler play) {
  Service service(transport, open_file, std::move(play));
  try {
    while (service.obey(transport.receive(0, Wait::long_wait))) {
    }
  } catch (const Interrupted&) {
    service.will().execute();
  }
}

}  // namespace npyrace
