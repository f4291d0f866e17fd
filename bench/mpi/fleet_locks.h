#pragma once
// Whether locks exclude between the hosts of a fleet: only there they are needed.

#include <chrono>
#include <string>
#include <vector>

namespace npyrace {

class Fleet;

/// One writer behind each page cache takes a lock of a file that is made in the first of `dirs`,
/// and each of them, itself included, asks for the same bytes. Returns why locks are not to be
/// trusted there, in one line, as `try_locks` does; empty: every lock excluded every other. The
/// fleet must have looked. Throws Interrupted.
std::string try_locks_between(Fleet& fleet, const std::vector<std::string>& dirs,
                              std::chrono::seconds patience);

}  // namespace npyrace
