#include "bench/lab/server/gate.h"

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
      node.mapped() = nullptr;  // destroy the action without the lock: its captures may need it
      lock.lock();
    }
  }
}

Gate::Gate(Latency latency, unsigned nodes, unsigned places, Stop& stop)
    : latency_(std::move(latency)), places_(places), stop_(stop), absences_(nodes) {}

void Gate::vanish(unsigned node, Duration length, bool fails) {
  const std::lock_guard lock(mutex_);
  Absence absence{.until = std::nullopt, .fails = fails};
  if (length.count() != 0) absence.until = Clock::now() + length;
  absences_[node] = absence;
  changed_.notify_all();
}

/// Requires the mutex.
bool Gate::away(unsigned node) {
  const auto& absence = absences_[node];
  if (open_ || !absence) return false;
  if (!absence->until || Clock::now() < *absence->until) return true;
  absences_[node].reset();
  return false;
}

bool Gate::wait_for_server(unsigned node) {
  std::unique_lock lock(mutex_);
  if (!away(node)) return true;
  if (absences_[node]->fails) return false;
  lock.unlock();
  const ThreadPool::Waiting waiting;
  lock.lock();
  while (away(node)) {
    const auto until = absences_[node]->until;
    if (until)
      changed_.wait_until(lock, *until);
    else
      changed_.wait(lock);
  }
  return true;
}

Gate::Place Gate::enter(unsigned node, Operation operation) {
  const Duration latency = latency_.of(node, operation);
  if (places_ == 0 && latency.count() == 0) return {};
  const ThreadPool::Waiting waiting;
  if (places_ != 0) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return open_ || taken_ < places_; });
    ++taken_;
  }
  Place place(places_ == 0 ? nullptr : this);
  if (latency.count() != 0) stop_.sleep_for(latency);
  return place;
}

void Gate::Place::leave() {
  Gate* const gate = std::exchange(gate_, nullptr);
  if (gate == nullptr) return;
  const std::lock_guard lock(gate->mutex_);
  --gate->taken_;
  gate->changed_.notify_all();
}

void Gate::open() {
  const std::lock_guard lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

}  // namespace npyrace::lab
