#include "bench/cli/command_table.h"

#include <algorithm>
#include <iterator>

#include "bench/cli/commands.h"

namespace npyrace {
namespace {

constexpr const char* kMeasure = "Measure a file system";
constexpr const char* kWatch = "Watch a program";
constexpr const char* kCheck = "Race test records from jobs that you start yourself";
constexpr const char* kResults = "Use results";
constexpr const char* kOther = "Other";

constexpr Command kCommands[] = {
    {"run", "Race write strategies on a shared file and say which are safe and fast", declare_run,
     kMeasure, "npyrace run --dir . --json result.json"},
    {"lab", "Run a command on a cluster file system whose consistency you choose", declare_lab,
     kMeasure, "npyrace lab --model nfs -- sh jobs.sh {n1} {n2} {store}"},
    {"watch", "Run any program and name the pages that two of its processes write", declare_watch,
     kWatch, "npyrace watch --json watched.json -- sh jobs.sh"},
    {"watched", "Report what the jobs of watch --into wrote", declare_watched, kWatch,
     "npyrace watched logs"},
    {"create", "Create the array of test records that all writers will open", declare_create,
     kCheck, "npyrace create out.npy --records 1000 --writers 4"},
    {"write", "Write the test records of one job, and a report beside the array", declare_write,
     kCheck, "npyrace write out.npy --worker 0/4"},
    {"expect", "Write the content that your own program must copy into the array", declare_expect,
     kCheck, "npyrace expect out.npy expected.npy"},
    {"verify", "Read test records back and classify each of them", declare_verify, kCheck,
     "npyrace verify out.npy --complete"},
    {"advise", "Recommend from a result how to write, at what cost, and with which NumPy calls",
     declare_advise, kResults, "npyrace advise result.json --recipe scripts"},
    {"report", "Show a result in another format: Markdown, HTML, CSV, JUnit, ...", declare_report,
     kResults, "npyrace report result.json --markdown --output result.md"},
    {"compare", "Compare two results: verdicts and speed, with intervals", declare_compare,
     kResults, "npyrace compare base.json new.json"},
    {"gate", "Fail when a result is worse than an earlier one, beyond noise", declare_gate,
     kResults, "npyrace gate base.json new.json --max-slowdown 20%"},
    {"inspect", "Print the header of NPY files without reading their data", declare_inspect, kOther,
     "npyrace inspect --check out.npy"},
    {"list", "List strategies, layouts, scenarios, launchers, validators, file systems",
     declare_list, kOther, "npyrace list strategies --dir ."},
    {"completion", "Print a script by which a shell completes commands and options",
     declare_completion, kOther, "npyrace completion bash >npyrace.bash"},
    {"man", "Print the man page", declare_man},
    {"worker", "Started by the launchers", declare_worker},
    {"rank-service", "Started by launcher ssh on other hosts", declare_rank_service},
    {"file-agent", "Started by scenario semantics", declare_file_agent},
    {"reader", "Started by run --readers", declare_reader},
#ifdef NPYRACE_HAVE_FUSE
    {"lab-server", "The process in which a lab's file system lives", declare_lab_server},
#endif
};

}  // namespace

std::span<const Command> command_table() {
  return kCommands;
}

const Command* find_command(std::string_view name) {
  const auto* found = std::ranges::find(kCommands, name, &Command::name);
  return found == std::end(kCommands) ? nullptr : found;
}

}  // namespace npyrace
