#pragma once
// Threads that serve one FUSE session. There are always some that do not wait: whoever is about to
// wait (for a latency, a lock, another node's kernel) says so, and another thread takes its place.
// Otherwise nodes that wait for each other would stand still.

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
  /// Joins: fuse_session_exit must have been called before.
  ~ThreadPool();

  void start();

  /// Gives away the memory in which the calling thread received its request, if `bytes` lie there:
  /// the thread gets another for the next one. Nothing where they lie elsewhere.
  static std::shared_ptr<const void> keep_received(std::span<const std::byte> bytes);

  /// While it lives, the calling thread does not count as one that serves. Nothing happens on a
  /// thread of no pool.
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
