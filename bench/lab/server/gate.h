#pragma once
// The end of the lab, which wakes everything that waits.

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

  /// Returns false when the end came first.
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

// One thread that does things at their time.

class Later {
 public:
  Later();
  Later(const Later&) = delete;
  Later& operator=(const Later&) = delete;
  /// What is not due yet is dropped.
  ~Later();

  void after(std::chrono::milliseconds delay, std::function<void()> action);
  /// Runs nothing any more; returns when the running action is through.
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

// What every operation passes before it is served: a server that is away, a place among
// `--server-threads`, and the latency.

class Gate {
 public:
  Gate(Latency latency, unsigned nodes, unsigned places, Stop& stop);

  /// The node's server is away from now on, for `length` (0: to the end).
  void vanish(unsigned node, Duration length, bool fails);

  /// Waits while the server is away. Returns false where operations fail instead.
  bool wait_for_server(unsigned node);

  /// A place at the server; given back when it goes. Never hold one while waiting for a node.
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

  /// Waits for a place and for the operation's latency.
  Place enter(unsigned node, Operation operation);

  /// Whoever waits goes on at once, and nobody waits from now on.
  void open();

 private:
  using Clock = std::chrono::steady_clock;
  struct Absence {
    std::optional<Clock::time_point> until;  ///< nothing: to the end
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
  std::vector<std::optional<Absence>> absences_;  ///< by node
};

}  // namespace npyrace::lab
