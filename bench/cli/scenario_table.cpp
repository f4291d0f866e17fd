#include "bench/cli/scenario_table.h"

#include "bench/experiments/create_race.h"
#include "bench/experiments/durability.h"
#include "bench/experiments/first_touch.h"
#include "bench/experiments/semantics.h"
#include "bench/experiments/soak.h"
#include "bench/plan/matrices.h"

namespace npyrace {
namespace {

constexpr ScenarioRow kScenarios[] = {
    {"quick", "mmap and pwrite, packed and padded, every page shared; under a minute", quick_axes},
    {"timing-log",
     "1440 processes log 60 000 records of 16 bytes into one file: the case that led to npyrace",
     timing_log_axes},
    {"page-sharing", "packed, padded-record and padded-block x block and cyclic x mmap and pwrite",
     page_sharing_axes},
    {"granularity", "padded records at 64 bytes to 1 MiB: the smallest alignment that is safe",
     granularity_axes},
    {"sync-cost", "no sync, at the end, every 16 records, every record: what syncing costs",
     sync_cost_axes},
    {"scaling",
     "1, 2, 4 writers and so on up to the cores, at least 8: when more writers are not faster",
     scaling_axes},
    {"collect",
     "one shared file, a file per writer, one writer for all: time until one np.load works",
     collect_axes},
    {.name = "semantics",
     .summary =
         "when a write becomes visible: strong, commit, session or eventual; experiments between "
         "mounts",
     .axes = nullptr,
     .experiment = examine_semantics,
     .check = check_semantics,
     .on_ranks = true},
    {.name = "create-race",
     .summary =
         "ways to create the file: w+, check then create, O_EXCL, link, rename; which lose records",
     .axes = nullptr,
     .experiment = create_race},
    {.name = "first-touch",
     .summary = "latency of the first access to a page and of later ones; cold and warm",
     .axes = nullptr,
     .experiment = first_touch},
    {.name = "durability",
     .summary = "power cuts on ext4 and XFS images: are acknowledged records there? needs root",
     .axes = nullptr,
     .experiment = durability,
     .check = check_durability},
    {.name = "soak",
     .summary =
         "random cells until --for is over; each cell with losses is reported with its command",
     .axes = nullptr,
     .experiment = soak,
     .check = check_soak,
     .draws_cells = true},
    {kExecScenario, "your own program (--exec 'COMMAND'), packed and padded, every page shared",
     exec_axes},
};

}  // namespace

std::span<const ScenarioRow> scenario_table() {
  return kScenarios;
}

}  // namespace npyrace
