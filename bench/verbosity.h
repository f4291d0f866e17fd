#pragma once

namespace npyrace {

/// How much standard error hears while a run goes on, besides trouble.
enum class Verbosity {
  quiet,    ///< nothing
  usual,    ///< the live line on a terminal; in a pipe a line now and then
  verbose,  ///< a line for every step that ended, also in a pipe, and the live line
};

}  // namespace npyrace
