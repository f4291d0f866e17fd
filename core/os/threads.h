#pragma once
// Threads may not be startable: a limit of processes (ulimit -u), or of a container. OpenMP's
// library then ends the program, with the exit code that means "data unsafe". So it is tried
// before.

namespace npyrace {

/// How many threads, the caller's among them, can run at once now: `wanted`, or fewer. At least 1.
int startable_threads(int wanted);

/// Throws SystemError, with `purpose` ("4 writers"), unless so many can run at once, the caller's
/// among them.
void require_threads(int wanted, const char* purpose);

}  // namespace npyrace
