#include "bench/lab/server/thread_pool.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <system_error>
#include <utility>

#include "bench/lab/server/fuse.h"

namespace npyrace::lab {
namespace {

constexpr std::size_t kReadyThreads = 4;

/// Interrupts a read of the connection, which may be alive although we want to end: somebody may
/// still use a mount that was taken away.
constexpr int kWakeSignal = SIGUSR1;
constexpr std::chrono::milliseconds kWakeAgain{5};

/// What the thread has received last. libfuse allocates the memory and leaves it to us.
thread_local fuse_buf* received = nullptr;

/// The pool that the thread serves.
thread_local ThreadPool* own_pool = nullptr;

void install_wake_signal() {
  struct sigaction action {};
  action.sa_handler = [](int) {};  // and no SA_RESTART: the read returns
  ::sigaction(kWakeSignal, &action, nullptr);
}

}  // namespace

void ThreadPool::start() {
  install_wake_signal();
  const std::lock_guard lock(mutex_);
  fill();
}

ThreadPool::~ThreadPool() {
  std::unique_lock lock(mutex_);
  ending_ = true;
  do {
    for (std::thread& thread : threads_) ::pthread_kill(thread.native_handle(), kWakeSignal);
  } while (!ended_.wait_for(lock, kWakeAgain, [&] { return serving_ == 0; }));
  lock.unlock();
  for (std::thread& thread : threads_) thread.join();
}

/// Needs the mutex. Where the system gives no more threads, the waiting ones must do.
void ThreadPool::fill() {
  try {
    while (!ending_ && threads_.size() < waiting_ + kReadyThreads) {
      threads_.emplace_back([this] { serve(); });
      ++serving_;
    }
  } catch (const std::system_error&) {
  }
}

std::shared_ptr<const void> ThreadPool::keep_received(std::span<const std::byte> bytes) {
  if (received == nullptr || received->mem == nullptr) return nullptr;
  const auto* const begin = static_cast<const std::byte*>(received->mem);
  const std::less<const std::byte*> before;
  if (before(bytes.data(), begin) || before(begin + received->size, bytes.data() + bytes.size()))
    return nullptr;
  return {std::exchange(received->mem, nullptr), [](void* memory) { std::free(memory); }};
}

void ThreadPool::serve() {
  fuse_buf buffer{};
  received = &buffer;
  own_pool = this;
  while (fuse_session_exited(session_) == 0) {
    const int size_bytes = fuse_session_receive_buf(session_, &buffer);
    if (size_bytes == -EINTR || size_bytes == -EAGAIN) continue;
    if (size_bytes <= 0) break;
    fuse_session_process_buf(session_, &buffer);
  }
  std::free(buffer.mem);
  const std::lock_guard lock(mutex_);
  if (--serving_ == 0) ended_.notify_all();
}

ThreadPool::Waiting::Waiting() : pool_(own_pool) {
  if (pool_ == nullptr) return;
  const std::lock_guard lock(pool_->mutex_);
  ++pool_->waiting_;
  pool_->fill();
}

ThreadPool::Waiting::~Waiting() {
  if (pool_ == nullptr) return;
  const std::lock_guard lock(pool_->mutex_);
  --pool_->waiting_;
}

}  // namespace npyrace::lab
