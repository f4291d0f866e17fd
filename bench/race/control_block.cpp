#include "bench/race/control_block.h"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

#include "core/error.h"

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

ControlBlock ControlBlock::create(std::uint64_t writers, const std::string& order) {
  const int descriptor = ::memfd_create(kName, MFD_CLOEXEC);
  if (descriptor < 0) fail("memfd_create");
  const std::uint64_t size_bytes = order_offset_bytes(writers) + order.size();
  if (::ftruncate(descriptor, static_cast<off_t>(size_bytes)) != 0) {
    ::close(descriptor);
    fail("ftruncate");
  }
  ControlBlock block(descriptor, size_bytes);  // all zeros: the counts start at 0
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

}  // namespace npyrace
