#include "bench/launchers/launcher.h"

#include "bench/launchers/exec.h"
#include "bench/launchers/process.h"
#include "bench/launchers/thread.h"
#include "core/table.h"

namespace npyrace {
namespace {

const ProcessLauncher kProcess;
const ThreadLauncher kThread;
const ExecLauncher kExec;

const LauncherRow kLaunchers[] = {
    {"process", "one process a writer, started together", kProcess},
    {"thread", "one OpenMP thread a writer, in one process of their own", kThread},
    {"exec", "your own program, once a writer: run --exec 'COMMAND'", kExec},
};

}  // namespace

std::span<const LauncherRow> launcher_table() {
  return kLaunchers;
}

const LauncherRow& find_launcher(std::string_view name) {
  return find_row("launcher", name, launcher_table());
}

}  // namespace npyrace
