// Wrappers of libc's functions that change mappings.

#include <errno.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/watch/collector/collector.h"
#include "bench/watch/collector/real.h"

namespace npyrace::watch {
namespace {

Real<void*(void*, size_t, int, int, int, off_t)> real_mmap{"mmap"}, real_mmap64{"mmap64", "mmap"};
Real<int(void*, size_t)> real_munmap{"munmap"};
Real<void*(void*, size_t, size_t, int, ...)> real_mremap{"mremap"};
Real<int(void*, size_t, int)> real_mprotect{"mprotect"}, real_msync{"msync"},
    real_madvise{"madvise"};

bool is_shared(int flags) {
  constexpr int kSharedValidate = 3;
  const int type = flags & 0xf;
  return type == MAP_SHARED || type == kSharedValidate;
}

template <typename Call>
void* map(void* address, size_t bytes, int protection, int flags, int descriptor, off_t offset,
          Call call) {
  if (!is_watching()) return call();
  const bool over = (flags & MAP_FIXED) != 0;
  const bool watched = descriptor >= 0 && (flags & MAP_ANONYMOUS) == 0 && is_shared(flags);
  if (!over && !watched) return call();
  const Guard guard;
  if (guard && over) look_at_mappings_in(address, bytes);
  void* const place = call();
  if (guard && over && place != MAP_FAILED) unmapped(address, bytes);
  if (guard && watched && place != MAP_FAILED)
    mapped(place, bytes, (protection & PROT_WRITE) != 0, descriptor,
           static_cast<std::uint64_t>(offset));
  return place;
}

int protected_anew(void* address, size_t bytes, int protection, int result) {
  if (result != 0 || (protection & PROT_WRITE) == 0 || !is_watching()) return result;
  const Guard guard;
  if (guard) made_writable(address, bytes);
  return result;
}

}  // namespace
}  // namespace npyrace::watch

using namespace npyrace::watch;

#pragma GCC visibility push(default)
extern "C" {

void* mmap(void* address, size_t bytes, int protection, int flags, int descriptor, off_t offset) {
  return map(address, bytes, protection, flags, descriptor, offset,
             [=] { return real_mmap(address, bytes, protection, flags, descriptor, offset); });
}

void* mmap64(void* address, size_t bytes, int protection, int flags, int descriptor,
             off64_t offset) {
  return map(address, bytes, protection, flags, descriptor, offset,
             [=] { return real_mmap64(address, bytes, protection, flags, descriptor, offset); });
}

int munmap(void* address, size_t bytes) {
  if (!is_watching()) return real_munmap(address, bytes);
  const Guard guard;
  if (guard) look_at_mappings_in(address, bytes);
  const int result = real_munmap(address, bytes);
  if (guard && result == 0) unmapped(address, bytes);
  return result;
}

void* mremap(void* address, size_t bytes, size_t new_bytes, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  void* const wanted = (flags & MREMAP_FIXED) != 0 ? va_arg(arguments, void*) : nullptr;
  va_end(arguments);
  const auto call = [=] { return real_mremap(address, bytes, new_bytes, flags, wanted); };
  if (!is_watching()) return call();
  const Guard guard;
  if (!guard) return call();
  constexpr int kDontUnmap = 4;
  if (wanted != nullptr) look_at_mappings_in(wanted, new_bytes);
  const Moved from = moving(address, bytes);
  void* const place = call();
  if (wanted != nullptr && place != MAP_FAILED) unmapped(wanted, new_bytes);
  if (place == MAP_FAILED || (flags & kDontUnmap) != 0) moved(from, address, bytes);  // it stays
  if (place != MAP_FAILED) moved(from, place, new_bytes);
  return place;
}

int mprotect(void* address, size_t bytes, int protection) {
  return protected_anew(address, bytes, protection, real_mprotect(address, bytes, protection));
}

int pkey_mprotect(void* address, size_t bytes, int protection, int key) {
  return protected_anew(
      address, bytes, protection,
      static_cast<int>(syscall(SYS_pkey_mprotect, address, bytes, protection, key)));
}

/// Pages lose their soft-dirty bits when they are dropped, so they are scanned before.
int madvise(void* address, size_t bytes, int advice) {
  constexpr int kPageOut = 21;
  if (!is_watching() || (advice != MADV_DONTNEED && advice != MADV_REMOVE && advice != kPageOut))
    return real_madvise(address, bytes, advice);
  {
    const Guard guard;
    if (guard) dropping_pages();
  }
  const int result = real_madvise(address, bytes, advice);
  if (result != 0 || advice != MADV_REMOVE) return result;
  const Guard guard;
  if (guard) emptied_pages(address, bytes);
  return result;
}

int msync(void* address, size_t bytes, int flags) {
  const int result = real_msync(address, bytes, flags);
  if (result != 0 || !is_watching()) return result;
  const Guard guard;
  if (guard) flushed(address, bytes);
  return result;
}

}  // extern "C"
#pragma GCC visibility pop
