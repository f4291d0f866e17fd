#include "bench/cli/command_table.h"

#include "bench/cli/commands.h"

namespace npyrace {
namespace {

constexpr Command kCommands[] = {
    {"run", "Race write strategies on a shared file and say which are safe and fast", declare_run},
    {"create", "Create the array that all writers will open", declare_create},
    {"write", "Write the test records of one job, and a report beside the array", declare_write},
    {"expect", "Write the content that writers must produce, to copy from", declare_expect},
    {"verify", "Read arrays back and classify every record", declare_verify},
    {"watch", "Run any program and name the pages that two of its processes write", declare_watch},
    {"watched", "Put together what watch --into logged in all jobs", declare_watched},
    {"inspect", "Print the header of NPY files without reading their data", declare_inspect},
    {"advise", "Recommend from a result how to write, at what cost, and with which NumPy calls",
     declare_advise},
    {"compare", "Set two results side by side: verdicts and speed, with intervals",
     declare_compare},
    {"gate", "Fail when a result is worse than an earlier one, beyond noise", declare_gate},
    {"report", "Show a result in another form: markdown, csv, junit, ...", declare_report},
    {"list", "List strategies, layouts, scenarios, launchers, validators, file systems",
     declare_list},
    {"completion", "Print a script by which a shell completes commands and options",
     declare_completion},
    {"man", "Print the man page", declare_man, true},
    {"worker", "Started by the launchers", declare_worker, true},
    {"rank-service", "Started by launcher ssh on other hosts", declare_rank_service, true},
    {"file-agent", "Started by scenario semantics", declare_file_agent, true},
    {"reader", "Started by run --readers", declare_reader, true},
    {"lab", "Run a command on a cluster file system whose consistency you choose", declare_lab},
#ifdef NPYRACE_HAVE_FUSE
    {"lab-server", "The process in which a lab's file system lives", declare_lab_server, true},
#endif
};

}  // namespace

std::span<const Command> command_table() {
  return kCommands;
}

}  // namespace npyrace
