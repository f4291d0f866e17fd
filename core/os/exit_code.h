#pragma once
// The only exit codes there are. Where a run has both, unsafe wins over trouble: lost data is the
// news.

namespace npyrace {

enum class ExitCode : int {
  fine = 0,
  unsafe = 1,   ///< data unsafe, or a gate failed
  usage = 2,    ///< the command line cannot be meant
  trouble = 3,  ///< environment or I/O
};

}  // namespace npyrace
