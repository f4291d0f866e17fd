#include "core/direct_limits.h"

#include <fcntl.h>
#include <linux/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace npyrace {
namespace {

// The kernel's struct statx as of Linux 6.11 (include/uapi/linux/stat.h): newer than the headers
// that we are built with, and spare bytes there.
constexpr unsigned kWantDirectAlignment = 0x2000;
constexpr unsigned kWantAtomicWrites = 0x10000;
constexpr std::size_t kDirectMemoryAt = 0x98, kDirectOffsetAt = 0x9c;
constexpr std::size_t kLeastAtomicAt = 0xa8, kMostAtomicAt = 0xac;

std::uint32_t field(const struct statx& status, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, reinterpret_cast<const char*>(&status) + at, sizeof value);
  return value;
}

}  // namespace

DirectLimits direct_limits_of(int descriptor, const std::string& path) {
  struct statx status {};
  static_assert(sizeof status == 256);
  if (::syscall(SYS_statx, descriptor, "", AT_EMPTY_PATH, kWantDirectAlignment | kWantAtomicWrites,
                &status) != 0)
    throw SystemError({path, "statx"}, errno);
  DirectLimits limits;
  if ((status.stx_mask & kWantDirectAlignment) != 0) {
    limits.memory_bytes = field(status, kDirectMemoryAt);
    limits.offset_bytes = field(status, kDirectOffsetAt);
  }
  if ((status.stx_mask & kWantAtomicWrites) != 0) {
    limits.least_atomic_bytes = field(status, kLeastAtomicAt);
    limits.most_atomic_bytes = field(status, kMostAtomicAt);
  }
  return limits;
}

}  // namespace npyrace
