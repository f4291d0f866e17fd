#include "bench/experiments/power_cut.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <thread>

#include "bench/experiments/crash_disk.h"
#include "bench/launchers/launcher.h"
#include "bench/storage/race_file.h"
#include "bench/storage/views.h"
#include "bench/strategies/race_order.h"
#include "core/base/error.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"
#include "validators/scan.h"

namespace npyrace {
namespace {

constexpr const char* kFile = "/race.npy";

/// Cuts the power once, a given time after the writers were released.
class Cutter {
 public:
  explicit Cutter(const CrashMount& mount) : mount_(mount) {}
  Cutter(const Cutter&) = delete;
  Cutter& operator=(const Cutter&) = delete;
  ~Cutter() { join(); }

  void start(double seconds) {
    thread_ = std::thread([this, seconds] {
      std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
      try {
        mount_.cut();
      } catch (const SystemError&) {
        error_ = std::current_exception();
      }
    });
  }

  /// Returns when the power is off. Throws SystemError.
  void wait() {
    join();
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void join() {
    if (thread_.joinable()) thread_.join();
  }

  const CrashMount& mount_;
  std::thread thread_;
  std::exception_ptr error_;
};

/// A race on a mount whose power fails in the last generation.
class CutRace {
 public:
  explicit CutRace(const CutRequest& request) : request_(request), map_(request.array) {}

  CutResult run() {
    {
      const CrashMount mount(request_.fs_type, request_.device);
      array_maker(Making::synced)(mount.root() + kFile, map_, request_.open_file);
      mount.sync();
      race(mount);
    }
    return look();
  }

 private:
  void race(const CrashMount& mount) {
    Cutter cutter(mount);
    bool last = false;
    double usual_seconds = 0;
    const auto group =
        find_launcher("process").start({.order = {.array = request_.array,
                                                  .paths = {mount.root() + kFile},
                                                  .strategies = {request_.strategy},
                                                  .sync = request_.sync,
                                                  .stamp_seed = request_.stamp_seed,
                                                  .generations = request_.generation},
                                        .writers = map_.writers(),
                                        .caches = {0},
                                        .patience = request_.patience,
                                        .on_released = [&] {
                                          if (last) cutter.start(usual_seconds * request_.moment);
                                        }});
    for (unsigned generation = 1; generation < request_.generation; ++generation)
      usual_seconds = seconds_of(whole(group->race()));
    last = true;
    note(group->race());
    cutter.wait();
    // Mappings of the writers keep the file system busy: destroy the writer group before the mount.
  }

  /// Before the cut all writers must succeed.
  static GenerationReport whole(GenerationReport report) {
    if (!report.failures.empty()) throw RaceError(report.failures.front().words, false);
    return report;
  }

  static double seconds_of(const GenerationReport& report) {
    std::int64_t start_ns = report.writers.front().start_ns;
    std::int64_t end_ns = start_ns;
    for (const WriterReport& writer : report.writers) {
      start_ns = std::min(start_ns, writer.start_ns);
      end_ns = std::max(end_ns, writer.end_ns);
    }
    return static_cast<double>(end_ns - start_ns) * 1e-9;
  }

  /// Failed writers are expected after a cut. Without any, all had finished before it.
  void note(const GenerationReport& report) {
    promises_ = report.promises;
    if (promises_.empty())
      promises_.assign(map_.writers(),
                       {.kept = request_.generation, .newest = request_.generation});
    result_.while_writing = std::ranges::any_of(
        promises_, [](const WriterPromise& promise) { return promise.newest > promise.kept; });
    closed_ = promises_;
    if (!is_promised())
      for (WriterPromise& promise : promises_) promise = {.newest = promise.newest};
    for (std::uint64_t writer = 0; writer < map_.writers(); ++writer) {
      const WriterPromise& promise = promises_[writer];
      result_.acknowledged +=
          promise.kept == request_.generation ? map_.count(writer) : promise.newest_records;
    }
  }

  bool is_promised() const { return parse_sync_policy(request_.sync).at_end(); }

  /// Checks the file after power is restored.
  CutResult look() {
    const CrashMount mount(request_.fs_type, request_.device);
    const std::string path = mount.root() + kFile;
    const View judge = choose_judge(path, mount.root(), request_.open_file);
    result_.findings = findings(judge, promises_);
    if (!is_promised()) result_.closed_and_lost = findings(judge, closed_).anomalies.damaging();
    if (::unlink(path.c_str()) != 0) throw SystemError({path, "unlink"}, errno);
    return std::move(result_);
  }

  Findings findings(const View& judge, const std::vector<WriterPromise>& promises) const {
    try {
      return scan(
          {.subject = {.map = map_,
                       .stamper = map_.stamper(request_.stamp_seed),
                       .expectation = {.generation = request_.generation, .promises = promises}},
           .open_file = request_.open_file,
           .judge = judge,
           .views = {},
           .cancelled = interrupted});
    } catch (const ScanCancelled&) {
      throw Interrupted();
    }
  }

  const CutRequest& request_;
  ArrayMap map_;
  std::vector<WriterPromise> promises_;
  std::vector<WriterPromise> closed_;  ///< as promises_, if close acknowledged data
  CutResult result_;
};

}  // namespace

CutResult cut_power(const CutRequest& request) {
  return CutRace(request).run();
}

}  // namespace npyrace
