#pragma once
// The memory that the racing processes share: an order to read, a starting gun, a place for every
// writer's report. It lies in a memfd without a name, inherited by workers: nothing can be left
// behind.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "bench/strategies/race_error.h"
#include "bench/strategies/writer.h"
#include "core/file/file.h"
#include "core/os/exit_code.h"

namespace npyrace {

/// One writer's corner. Written by that writer only; its report and message are read by others
/// after it was counted finished, or after its process ended.
struct WriterSlot {
  std::atomic<WriterState> state;
  std::atomic<std::uint32_t> ready;     ///< the generation at whose start it stands or stood
  std::atomic<std::uint32_t> begun;     ///< the last generation it began to write
  std::atomic<std::uint32_t> written;   ///< the last held one whose records it has written
  std::atomic<std::uint32_t> stored;    ///< the last one it has stored for others to collect
  std::atomic<std::uint32_t> finished;  ///< the last one it has closed
  /// Of the generation it has begun: so many of its first records were promised by a sync.
  std::atomic<std::uint64_t> acknowledged_records;
  WriterReport report;
  char message[256];  ///< of refused and failed: one line
};

/// A count that others can wait on across processes (a futex).
class SharedCount {
 public:
  std::uint32_t value() const { return value_.load(std::memory_order_acquire); }
  void add_one();
  void set(std::uint32_t value);
  /// Returns when the count is no longer `seen`, after `at_most`, or when a signal comes.
  void wait_while(std::uint32_t seen, std::chrono::milliseconds at_most) const;

 private:
  std::atomic<std::uint32_t> value_;
};

struct alignas(WriterSlot) ControlHeader {
  std::uint64_t writers;
  std::uint64_t order_bytes;
  SharedCount ready;        ///< writers that stand at the start, summed over generations
  SharedCount written;      ///< writers that have written all, summed over held generations
  SharedCount finished;     ///< writers that have closed the file, summed over generations
  SharedCount released;     ///< the generation that may run
  SharedCount stored;       ///< writers that have stored all, where one collects for all
  SharedCount collected;    ///< generations that were collected
  SharedCount let_collect;  ///< the generation that may be collected
  SharedCount let_finish;   ///< the generation whose writers may finish: it is collected
  SharedCount let_sync;     ///< the held generation whose writers may sync and close
};

/// A released generation that means "go home".
inline constexpr std::uint32_t kAbandon = 0xffffffff;

/// The mapped memory. The parent makes it; workers attach by the inherited descriptor.
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

// The worker's side of a race: what the hidden `worker` command does.

struct WorkerRequest {
  int control_descriptor = -1;
  int parent = 0;  ///< process id of who started us
  std::uint64_t first_writer = 0;
  std::uint64_t writers = 1;  ///< more than one: as OpenMP threads of this process
};

/// Races through all generations. A failure is left in the writer's slot for the parent to read.
ExitCode work(const WorkerRequest& request, const FileOpener& open_file);

}  // namespace npyrace
