#include "bench/commands/man.h"

#include <fmt/format.h>

#include "bench/man_page.h"
#include "core/print.h"

namespace npyrace {

Action declare_man(CLI::App&) {
  return [] {
    print_answer("{}", man_page());
    return ExitCode::fine;
  };
}

}  // namespace npyrace
