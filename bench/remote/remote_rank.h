#pragma once
// Lines between rank 0 and a rank over a remote shell: a letter, and what it is about. Text of a
// World is JSON, which has no ends of lines.

#include <memory>
#include <string>

#include "bench/remote/world.h"

namespace npyrace {

/// What a rank says first, followed by its version: whatever comes before is of a login shell.
inline constexpr const char* kRankGreeting = "npyrace-rank ";

inline constexpr char kYouAreWord = 'R';  ///< to a rank: "R2 5": rank 2 of 5
inline constexpr char kTextWord = 'T';    ///< both ways
/// To rank 0: "M10": I am here, well (1), and the collector is not needed (0). To a rank: "M1":
/// all are here, and well.
inline constexpr char kMeetWord = 'M';

// The other end of a connection: a rank that knows rank 0 by its standard input and output.

/// Greets, and waits to be told which rank this is. From then on standard output is rank 0's, what
/// anybody prints goes to standard error, and the process ends when standard input ends, within a
/// second if something is under way: the connection is its life line. Once in a process.
std::unique_ptr<World> join_by_connection();

}  // namespace npyrace
