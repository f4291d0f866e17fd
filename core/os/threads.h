#pragma once
// Tests how many threads can be started: ulimit -u or a container may limit them. The OpenMP
// library then exits with code 1, which in npyrace means "data unsafe"; so the limit is tested
// before.

namespace npyrace {

/// Returns how many threads, including the caller's, can run now: `wanted` or fewer, at least 1.
int startable_threads(int wanted);

/// Throws SystemError that mentions `purpose` ("4 writers") unless `wanted` threads, including the
/// caller's, can run.
void require_threads(int wanted, const char* purpose);

}  // namespace npyrace
