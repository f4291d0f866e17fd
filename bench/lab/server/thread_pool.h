#pragma once
// Threads that serve one FUSE session. A thread that is about to block (latency, lock, another
// node's kernel) declares it, and another thread replaces it; otherwise nodes that wait for each
// other would deadlock.

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

struct fuse_session;

namespace npyrace::lab {

class ThreadPool {
 public:
  explicit ThreadPool(fuse_session* session) : session_(session) {}
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  /// Joins the threads: fuse_session_exit must have been called before.
  ~ThreadPool();

  void start();

  /// Takes ownership of the buffer that holds the calling thread's request, if `bytes` lie in it;
  /// the thread then allocates a new one. Otherwise returns nullptr.
  static std::shared_ptr<const void> keep_received(std::span<const std::byte> bytes);

  /// While it exists, the calling thread does not count as serving. No effect on threads outside a
  /// pool.
  class Waiting {
   public:
    Waiting();
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting();

   private:
    ThreadPool* pool_;
  };

 private:
  void serve();
  void fill();

  fuse_session* session_;
  std::mutex mutex_;
  std::vector<std::thread> threads_;
  std::size_t waiting_ = 0;
  std::size_t serving_ = 0;
  std::condition_variable ended_;
  bool ending_ = false;
};

}  // namespace npyrace::lab
