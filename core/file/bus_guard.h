#pragma once
// Touching a mapped file that somebody else may shorten: a page beyond its end is a SIGBUS, and so
// is one for which there is no space or that cannot be read. Here that is an answer, not a death.

#include <csetjmp>

namespace npyrace {

/// One touch of mapped memory that is under way in this thread. Not for use by itself.
struct BusGuard {
  BusGuard();
  BusGuard(const BusGuard&) = delete;
  BusGuard& operator=(const BusGuard&) = delete;
  ~BusGuard();

  sigjmp_buf way_out;
  const void* volatile address = nullptr;
  BusGuard* outer;
};

/// Runs `touch`. Returns nullptr, or the address that could not be had, at which it then broke off.
/// `touch` is left without unwinding: it must own nothing and call nothing that does.
template <typename Touch>
[[gnu::noinline]] const void* bus_error_in(Touch touch) {
  BusGuard guard;
  if (sigsetjmp(guard.way_out, 0) == 0) touch();
  return guard.address;
}

}  // namespace npyrace
