#pragma once
// Lines between rank 0 and a rank over a remote shell: a letter, and what it is about. Text of a
// World is JSON, which has no ends of lines.

#include <string>

namespace npyrace {

/// What a rank says first, followed by its version: whatever comes before is of a login shell.
inline constexpr const char* kRankGreeting = "npyrace-rank ";

inline constexpr char kYouAreWord = 'R';  ///< to a rank: "R2 5": rank 2 of 5
inline constexpr char kTextWord = 'T';    ///< both ways
/// To rank 0: "M10": I am here, well (1), and the collector is not needed (0). To a rank: "M1":
/// all are here, and well.
inline constexpr char kMeetWord = 'M';

}  // namespace npyrace
