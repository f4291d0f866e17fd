#include "bench/commands/inspect.h"

namespace npyrace {

Action declare_inspect(CLI::App&) {
  return [] { return ExitCode::fine; };
}

}  // namespace npyrace
