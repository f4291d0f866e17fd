#include "bench/lab/server/later.h"

namespace npyrace::lab {

Later::Later() : thread_([this] { run(); }) {}

Later::~Later() {
  end();
}

void Later::after(std::chrono::milliseconds delay, std::function<void()> action) {
  const std::lock_guard lock(mutex_);
  actions_.emplace(Clock::now() + delay, std::move(action));
  changed_.notify_all();
}

void Later::end() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Later::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (actions_.empty()) {
      changed_.wait(lock);
    } else if (const auto due = actions_.begin()->first; Clock::now() < due) {
      changed_.wait_until(lock, due);
    } else {
      auto node = actions_.extract(actions_.begin());
      lock.unlock();
      node.mapped()();
      node.mapped() = nullptr;  // what it holds may need the lock when it goes
      lock.lock();
    }
  }
}

}  // namespace npyrace::lab
