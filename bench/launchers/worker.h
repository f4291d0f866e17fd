#pragma once
// Shared memory between run and its worker processes, and the worker's main function. The control
// block holds the order, the start signals and a slot for each writer's report. It is an unnamed
// memfd that workers inherit, so nothing is left behind after a crash.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "bench/strategies/race_error.h"
#include "bench/strategies/writer.h"
#include "core/file/file.h"
#include "core/os/exit_code.h"

namespace npyrace {

/// State of one writer, written by that writer only. Others read report and message after the
/// writer was counted as finished or its process ended.
struct WriterSlot {
  std::atomic<WriterState> state;
  std::atomic<std::uint32_t> ready;  ///< last generation whose start it has reached
  std::atomic<std::uint32_t> begun;  ///< last generation it began to write
  std::atomic<std::uint32_t>
      written;                        ///< last synchronized generation whose records it has written
  std::atomic<std::uint32_t> stored;  ///< last generation it has stored for the collector
  std::atomic<std::uint32_t> finished;  ///< last generation after which it has closed the file
  /// Number of its first records, in the generation it has begun, that a sync has acknowledged.
  std::atomic<std::uint64_t> acknowledged_records;
  WriterReport report;
  char message[256];  ///< error of a refused or failed writer, one line
};

/// A counter in shared memory that other processes can wait on (futex).
class SharedCount {
 public:
  std::uint32_t value() const { return value_.load(std::memory_order_acquire); }
  void add_one();
  void set(std::uint32_t value);
  /// Returns when the value differs from `seen`, after `at_most`, or on a signal.
  void wait_while(std::uint32_t seen, std::chrono::milliseconds at_most) const;

 private:
  std::atomic<std::uint32_t> value_;
};

struct alignas(WriterSlot) ControlHeader {
  std::uint64_t writers;
  std::uint64_t order_bytes;
  SharedCount ready;  ///< arrivals at the start, summed over generations
  SharedCount
      written;  ///< writers that have written all records, summed over synchronized generations
  SharedCount finished;     ///< writers that have closed the file, summed over generations
  SharedCount released;     ///< the generation that may start
  SharedCount stored;       ///< writers that have stored all, for strategies with a collector
  SharedCount collected;    ///< number of collected generations
  SharedCount let_collect;  ///< the generation that writer 0 may collect
  SharedCount let_finish;   ///< the collected generation whose writers may finish
  SharedCount let_sync;     ///< the synchronized generation whose writers may sync and close
};

/// Value of `released` that tells all workers to exit.
inline constexpr std::uint32_t kAbandon = 0xffffffff;

/// The mapped memory. The parent creates it; workers attach by the inherited descriptor.
class ControlBlock {
 public:
  /// Throws SystemError.
  static ControlBlock create(std::uint64_t writers, const std::string& order);
  /// Throws SystemError or FormatError.
  static ControlBlock attach(int descriptor);

  ControlBlock(ControlBlock&& other) noexcept;
  ControlBlock& operator=(ControlBlock&&) = delete;
  ~ControlBlock();

  int descriptor() const { return descriptor_; }
  ControlHeader& header() { return *static_cast<ControlHeader*>(memory_); }
  WriterSlot& slot(std::uint64_t writer);
  std::string order();

 private:
  ControlBlock(int descriptor, std::uint64_t size_bytes);
  int descriptor_ = -1;
  void* memory_ = nullptr;
  std::uint64_t size_bytes_ = 0;
};

// Main function of the hidden `worker` command.

struct WorkerRequest {
  int control_descriptor = -1;
  int parent = 0;  ///< process id of the parent
  std::uint64_t first_writer = 0;
  std::uint64_t writers = 1;  ///< more than one: OpenMP threads of this process
};

/// Runs all generations. A failure is stored in the writer's slot for the parent to read.
ExitCode work(const WorkerRequest& request, const FileOpener& open_file);

}  // namespace npyrace
