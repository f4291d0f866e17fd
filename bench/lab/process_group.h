#pragma once
// What /proc tells of a process group.

#include <sys/types.h>

namespace npyrace::lab {

/// Whether some process of the group was told to end, but waits for the system and cannot hear it.
bool hangs(pid_t group);

}  // namespace npyrace::lab
