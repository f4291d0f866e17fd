#include "bench/answer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "bench/whole_file.h"
#include "core/print.h"

namespace npyrace {

TerminalStyle style_of_standard_output() {
  const char* no_colour = std::getenv("NO_COLOR");
  const bool wanted = no_colour == nullptr || *no_colour == '\0';
  return {.colour = wanted && ::isatty(STDOUT_FILENO) == 1};
}

void answer_with(const std::string& text, const std::string& path) {
  if (path.empty() || path == "-")
    print_answer("{}", text);
  else
    write_whole_file(path, text);
}

}  // namespace npyrace
