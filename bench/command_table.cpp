#include "bench/command_table.h"

#include "bench/commands/inspect.h"
#include "bench/lab/lab_command.h"
#ifdef NPYRACE_HAVE_FUSE
#include "bench/lab/server/server.h"
#endif

namespace npyrace {
namespace {

constexpr Command kCommands[] = {
    {"inspect", "Print the header of NPY files without reading their data", declare_inspect},
    {"lab", "Run a command on a cluster file system whose consistency you choose", declare_lab},
#ifdef NPYRACE_HAVE_FUSE
    {"lab-server", "The process in which a lab's file system lives", declare_lab_server, true},
#endif
};

}  // namespace

std::span<const Command> command_table() { return kCommands; }

}  // namespace npyrace
