#pragma once
// Control of all operations of the server: shutdown (Stop), delayed actions (Later), and admission
// with simulated latency and unavailability (Gate).

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "bench/lab/latency.h"
#include "bench/lab/server/thread_pool.h"

namespace npyrace::lab {

class Stop {
 public:
  void request() {
    const std::lock_guard lock(mutex_);
    requested_ = true;
    changed_.notify_all();
  }

  /// Sleeps for `period`; returns false if the shutdown was requested before.
  template <typename Period>
  bool sleep_for(Period period) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, period, [&] { return requested_; });
  }

  bool requested() {
    const std::lock_guard lock(mutex_);
    return requested_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool requested_ = false;
};

// A thread that runs delayed actions.

class Later {
 public:
  Later();
  Later(const Later&) = delete;
  Later& operator=(const Later&) = delete;
  /// Discards actions that are not yet due.
  ~Later();

  void after(std::chrono::milliseconds delay, std::function<void()> action);
  /// Stops the thread; waits for a running action.
  void end();

 private:
  using Clock = std::chrono::steady_clock;
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Clock::time_point, std::function<void()>> actions_;
  bool ending_ = false;
  std::thread thread_;
};

// Admission of operations: waits while the server is simulated as unreachable, for a place among
// `--server-threads`, and for the latency.

class Gate {
 public:
  Gate(Latency latency, unsigned nodes, unsigned places, Stop& stop);

  /// Makes the server unreachable for the node, for `length` (0: until the end).
  void vanish(unsigned node, Duration length, bool fails);

  /// Waits while the server is unreachable. Returns false if operations are to fail instead.
  bool wait_for_server(unsigned node);

  /// A place among the concurrent operations, released by the destructor. Do not hold one while
  /// waiting for another node.
  class Place {
   public:
    Place() = default;
    explicit Place(Gate* gate) : gate_(gate) {}
    Place(Place&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Place& operator=(Place&& other) noexcept {
      leave();
      gate_ = std::exchange(other.gate_, nullptr);
      return *this;
    }
    ~Place() { leave(); }
    void leave();

   private:
    Gate* gate_ = nullptr;
  };

  /// Waits for a place and then for the operation's latency.
  Place enter(unsigned node, Operation operation);

  /// Releases all waiting operations and disables further waits.
  void open();

 private:
  using Clock = std::chrono::steady_clock;
  struct Absence {
    std::optional<Clock::time_point> until;  ///< nothing: until the end
    bool fails = false;
  };
  bool away(unsigned node);

  Latency latency_;
  unsigned places_;  ///< 0: no limit
  Stop& stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned taken_ = 0;
  bool open_ = false;
  std::vector<std::optional<Absence>> absences_;  ///< per node
};

}  // namespace npyrace::lab
