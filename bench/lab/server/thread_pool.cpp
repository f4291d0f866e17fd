#include "bench/lab/server/thread_pool.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <system_error>
#include <thread>
#include <utility>

#include "bench/lab/server/fuse.h"
#include "core/base/error.h"

namespace npyrace::lab {
namespace {

constexpr std::size_t kReadyThreads = 4;

/// Signal that interrupts a blocking read of the FUSE device, which may remain open at shutdown
/// because a detached mount is still in use.
constexpr int kWakeSignal = SIGUSR1;
constexpr std::chrono::milliseconds kWakeAgain{5};
constexpr int kMostTries = 200;

/// The request buffer of the thread. libfuse allocates it, and the thread owns it.
thread_local fuse_buf* received = nullptr;

/// The pool to which the thread belongs.
thread_local ThreadPool* own_pool = nullptr;

void install_wake_signal() {
  struct sigaction action {};
  action.sa_handler = [](int) {};  // without SA_RESTART, so that the read returns
  ::sigaction(kWakeSignal, &action, nullptr);
}

}  // namespace

void ThreadPool::start() {
  install_wake_signal();
  const std::lock_guard lock(mutex_);
  fill();
  if (serving_ == 0) throw SystemError({"lab", "pthread_create"}, EAGAIN);
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

/// Requires the mutex. If the system refuses more threads, the existing ones must suffice.
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
  int tries = 0;  // without memory
  int size_bytes = 0;
  while (fuse_session_exited(session_) == 0) {
    size_bytes = fuse_session_receive_buf(session_, &buffer);
    if (size_bytes == -EINTR || size_bytes == -EAGAIN) continue;
    if (size_bytes == -ENOMEM && ++tries < kMostTries) {
      std::this_thread::sleep_for(kWakeAgain);  // other threads may free some
      continue;
    }
    if (size_bytes <= 0) break;
    tries = 0;
    fuse_session_process_buf(session_, &buffer);
  }
  std::free(buffer.mem);
  const std::lock_guard lock(mutex_);
  if (--serving_ == 0) ended_.notify_all();
  // Nobody would serve the mount, and programs that use it would wait for ever. The lab notices
  // that its server has died.
  if (serving_ == 0 && !ending_ && size_bytes == -ENOMEM) std::_Exit(EXIT_FAILURE);
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
