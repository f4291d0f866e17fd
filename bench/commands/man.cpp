#include "bench/commands/man.h"

#include <fmt/format.h>

#include "bench/man_page.h"

namespace npyrace {

Action declare_man(CLI::App&) {
  return [] {
    fmt::print("{}", man_page());
    return ExitCode::fine;
  };
}

}  // namespace npyrace
