#pragma once
// One thread that does things at their time.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace npyrace::lab {

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

}  // namespace npyrace::lab
