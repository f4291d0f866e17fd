#pragma once
// The end of the lab, which wakes everything that waits.

#include <chrono>
#include <condition_variable>
#include <mutex>

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

}  // namespace npyrace::lab
