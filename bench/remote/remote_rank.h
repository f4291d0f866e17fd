#pragma once
// The rank's side of launcher ssh, and the line format of the connection: a letter that gives the
// kind, then the content. Transported text is JSON without line breaks.

#include <memory>
#include <string>

#include "bench/remote/transport.h"

namespace npyrace {

/// First line of a rank, followed by its version. Earlier lines come from the login shell.
inline constexpr const char* kRankGreeting = "npyrace-rank ";

inline constexpr char kYouAreWord = 'R';  ///< rank 0 to rank: "R2 5" means rank 2 of 5
inline constexpr char kTextWord = 'T';    ///< message text, in both directions
/// Barrier. To rank 0: "M10" = arrived, well (1), collector not needed (0). To a rank: "M1" = all
/// have arrived and are well.
inline constexpr char kMeetWord = 'M';

// A transport for the rank's process: it reaches rank 0 by standard input and output.

/// Sends the greeting and waits for this rank's number. From then on standard output carries the
/// protocol and other output goes to standard error. The process exits when standard input ends,
/// within a second if an operation is running: it must not outlive the connection. Call once per
/// process.
std::unique_ptr<Transport> join_by_connection();

}  // namespace npyrace
