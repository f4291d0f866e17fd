#pragma once
// All exit codes of the program. If a run has both kinds of result, `unsafe` takes precedence over
// `trouble`, because lost data is the more important message.

namespace npyrace {

enum class ExitCode : int {
  fine = 0,
  unsafe = 1,   ///< data unsafe, or a gate failed
  usage = 2,    ///< invalid command line
  trouble = 3,  ///< environment or I/O
};

}  // namespace npyrace
