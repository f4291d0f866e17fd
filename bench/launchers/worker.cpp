#include "bench/launchers/worker.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/futex.h>
#include <omp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <string>
#include <utility>

#include "bench/strategies/race_order.h"
#include "core/base/error.h"
#include "core/os/process.h"
#include "core/os/stopwatch.h"
#include "core/os/threads.h"

namespace npyrace {
namespace {

static_assert(std::atomic<std::uint32_t>::is_always_lock_free);
static_assert(sizeof(SharedCount) == sizeof(std::uint32_t));

constexpr const char* kName = "npyrace control block";

[[noreturn]] void fail(const char* call) {
  throw SystemError({kName, call}, errno);
}

std::uint64_t order_offset_bytes(std::uint64_t writers) {
  return sizeof(ControlHeader) + writers * sizeof(WriterSlot);
}

}  // namespace

void SharedCount::add_one() {
  value_.fetch_add(1, std::memory_order_acq_rel);
  ::syscall(SYS_futex, &value_, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

void SharedCount::set(std::uint32_t value) {
  value_.store(value, std::memory_order_release);
  ::syscall(SYS_futex, &value_, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

void SharedCount::wait_while(std::uint32_t seen, std::chrono::milliseconds at_most) const {
  const timespec limit{.tv_sec = at_most.count() / 1000,
                       .tv_nsec = at_most.count() % 1000 * 1'000'000};
  ::syscall(SYS_futex, &value_, FUTEX_WAIT, seen, &limit, nullptr, 0);
}

/// Memory that workers inherit by its descriptor.
int make_shared_memory() {
  const int descriptor = ::memfd_create(kName, MFD_CLOEXEC);
  if (descriptor >= 0) return descriptor;
  if (!is_missing_call(errno)) fail("memfd_create");
  const std::string name = fmt::format("/npyrace-{}-{}", ::getpid(), monotonic_ns());
  const int named = ::shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);  // close on exec
  if (named < 0) fail("shm_open");
  ::shm_unlink(name.c_str());
  return named;
}

ControlBlock ControlBlock::create(std::uint64_t writers, const std::string& order) {
  const int descriptor = make_shared_memory();
  const std::uint64_t size_bytes = order_offset_bytes(writers) + order.size();
  if (::ftruncate(descriptor, static_cast<off_t>(size_bytes)) != 0) {
    ::close(descriptor);
    fail("ftruncate");
  }
  ControlBlock block(descriptor, size_bytes);  // zero-filled: all counters start at 0
  block.header().writers = writers;
  block.header().order_bytes = order.size();
  std::memcpy(static_cast<char*>(block.memory_) + order_offset_bytes(writers), order.data(),
              order.size());
  return block;
}

ControlBlock ControlBlock::attach(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) fail("fstat");
  const auto size_bytes = static_cast<std::uint64_t>(status.st_size);
  if (size_bytes < sizeof(ControlHeader))
    throw FormatError("worker: descriptor is no control block; `worker` is not for users");
  ControlBlock block(descriptor, size_bytes);
  if (order_offset_bytes(block.header().writers) + block.header().order_bytes != size_bytes)
    throw FormatError("worker: the control block has another size than it says");
  return block;
}

ControlBlock::ControlBlock(int descriptor, std::uint64_t size_bytes)
    : descriptor_(descriptor), size_bytes_(size_bytes) {
  memory_ = ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory_ == MAP_FAILED) {
    ::close(descriptor);
    fail("mmap");
  }
}

ControlBlock::ControlBlock(ControlBlock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      memory_(std::exchange(other.memory_, nullptr)),
      size_bytes_(other.size_bytes_) {}

ControlBlock::~ControlBlock() {
  if (memory_ == nullptr) return;
  ::munmap(memory_, size_bytes_);
  ::close(descriptor_);
}

WriterSlot& ControlBlock::slot(std::uint64_t writer) {
  auto* slots = reinterpret_cast<WriterSlot*>(static_cast<char*>(memory_) + sizeof(ControlHeader));
  return slots[writer];
}

std::string ControlBlock::order() {
  return {static_cast<char*>(memory_) + order_offset_bytes(header().writers),
          static_cast<std::size_t>(header().order_bytes)};
}

namespace {

constexpr std::chrono::milliseconds kPatience{1000};

/// Waits until the parent releases this generation. Returns false if the race was abandoned.
bool wait_to_pass(const SharedCount& gate, unsigned generation) {
  for (std::uint32_t now = gate.value();; now = gate.value()) {
    if (now == kAbandon) return false;
    if (now >= generation) return true;
    gate.wait_while(now, kPatience);
  }
}

/// The parent has ended the race; not an error.
struct Abandoned {};

/// Barrier between the last record and the sync of a synchronized generation.
void wait_for_others(ControlBlock& control, WriterSlot& slot) {
  const unsigned generation = slot.begun;
  if (!is_held(generation)) return;
  slot.written = generation;
  control.header().written.add_one();
  if (!wait_to_pass(control.header().let_sync, generation)) throw Abandoned();
}

/// With a collector: called when this writer has stored its records.
void wait_for_stores(ControlBlock& control, WriterSlot& slot) {
  const unsigned generation = slot.begun;
  slot.stored = generation;
  control.header().stored.add_one();
  if (!wait_to_pass(control.header().let_collect, generation)) throw Abandoned();
}

/// The collector reports to the parent, which then lets all writers finish; so the parent can also
/// abandon the race.
void wait_for_collector(ControlBlock& control, const WriterSlot& slot, std::uint64_t writer) {
  if (writer == kCollector) control.header().collected.add_one();
  if (!wait_to_pass(control.header().let_finish, slot.begun)) throw Abandoned();
}

void leave_message(WriterSlot& slot, WriterState state, const char* message) {
  std::strncpy(slot.message, message, sizeof slot.message - 1);
  slot.state = state;
}

/// Runs all generations of one writer. Returns false if it failed.
bool race(ControlBlock& control, const RaceOrder& order, const ArrayMap& map, std::uint64_t number,
          const FileOpener& open_file) {
  WriterSlot& slot = control.slot(number);
  try {
    WriterRequest request = writer_request(order, map, number, open_file);
    request.acknowledge = [&slot](std::uint64_t records) { slot.acknowledged_records = records; };
    request.all_written = [&] { wait_for_others(control, slot); };
    request.stored = [&] { wait_for_stores(control, slot); };
    request.collected = [&] { wait_for_collector(control, slot, number); };
    Writer writer(request);
    for (unsigned generation = 1; generation <= order.generations; ++generation) {
      writer.prepare(generation);
      slot.ready = generation;
      control.header().ready.add_one();
      if (!wait_to_pass(control.header().released, generation)) return true;
      slot.acknowledged_records = 0;  // before `begun` is set: the writer may be killed in between
      slot.begun = generation;
      slot.report = writer.write();
      slot.finished = generation;
      control.header().finished.add_one();
    }
    return true;
  } catch (const Abandoned&) {
    return true;
  } catch (const std::exception& error) {
    leave_message(slot, state_after(error), error.what());
  }
  return false;
}

/// Writers as OpenMP threads. OpenMP may provide fewer threads than requested, and then a barrier
/// would hang: that is an error.
bool race_threads(ControlBlock& control, const RaceOrder& order, const ArrayMap& map,
                  const WorkerRequest& request, const FileOpener& open_file) {
  allow_many_files();  // one for every writer
  omp_set_dynamic(0);
  bool fine = true;
  const int wanted = static_cast<int>(request.writers);
  if (const int startable = startable_threads(wanted); startable < wanted) {
    const std::string words =
        fmt::format("only {} of {} threads can be started (ulimit -u, or the limit of a container)",
                    startable, wanted);
    for (std::uint64_t writer = 0; writer < request.writers; ++writer)
      leave_message(control.slot(request.first_writer + writer), WriterState::failed,
                    words.c_str());
    return false;
  }
#pragma omp parallel num_threads(wanted) reduction(&& : fine)
  {
    const auto number = request.first_writer + static_cast<std::uint64_t>(omp_get_thread_num());
    if (omp_get_num_threads() == wanted) {
      fine = race(control, order, map, number, open_file);
    } else {
      leave_message(control.slot(number), WriterState::failed,
                    "OpenMP started fewer threads than writers (OMP_THREAD_LIMIT?)");
      fine = false;
    }
  }
  return fine;
}

}  // namespace

ExitCode work(const WorkerRequest& request, const FileOpener& open_file) {
  die_with_parent(request.parent);
  ControlBlock control = ControlBlock::attach(request.control_descriptor);
  const RaceOrder order = race_order_from_text(control.order());
  const ArrayMap map(order.array);
  const bool fine = request.writers == 1
                        ? race(control, order, map, request.first_writer, open_file)
                        : race_threads(control, order, map, request, open_file);
  return fine ? ExitCode::fine : ExitCode::trouble;
}

}  // namespace npyrace
