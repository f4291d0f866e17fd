#include "bench/command_table.h"

#include "bench/commands/inspect.h"

namespace npyrace {
namespace {

constexpr Command kCommands[] = {
    {"inspect", "Print the header of NPY files without reading their data", declare_inspect},
};

}  // namespace

std::span<const Command> command_table() { return kCommands; }

}  // namespace npyrace
