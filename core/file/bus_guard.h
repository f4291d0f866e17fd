#pragma once
// Access to mapped memory that may raise SIGBUS: another process can truncate the file, the file
// system can be full, or a page can be unreadable. The signal is turned into a return value.

#include <csetjmp>

namespace npyrace {

/// Registers one access of this thread with the signal handler. Use bus_error_in instead.
struct BusGuard {
  BusGuard();
  BusGuard(const BusGuard&) = delete;
  BusGuard& operator=(const BusGuard&) = delete;
  ~BusGuard();

  sigjmp_buf way_out;
  const void* volatile address = nullptr;
  BusGuard* outer;
};

/// Runs `touch`. Returns nullptr, or the address at which SIGBUS ended it. `touch` is then left
/// without unwinding: neither it nor its callees may own resources.
template <typename Touch>
[[gnu::noinline]] const void* bus_error_in(Touch touch) {
  BusGuard guard;
  if (sigsetjmp(guard.way_out, 0) == 0) touch();
  return guard.address;
}

}  // namespace npyrace
