#include "bench/launchers/shell_command.h"

#include <thread>

#include "bench/interrupt.h"
#include "bench/launchers/child_process.h"
#include "bench/stopwatch.h"

namespace npyrace {

std::optional<int> run_to_end(const ShellCommand& command) {
  const std::int64_t start_ns = monotonic_ns();
  ChildProcess process({.program = kShell,
                        .arguments = {"-c", command.command},
                        .environment = command.environment,
                        .output_path = command.output_path});
  for (;;) {
    if (const auto status = process.poll()) return status;
    if (interrupted() && !command.tidies_up) throw Interrupted();
    const std::chrono::nanoseconds passed(monotonic_ns() - start_ns);
    if (command.time_limit && passed > *command.time_limit) return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace npyrace
