#include "bench/scenarios/scenario.h"

#include "bench/scenarios/collect.h"
#include "bench/scenarios/exec.h"
#include "bench/scenarios/granularity.h"
#include "bench/scenarios/page_sharing.h"
#include "bench/scenarios/quick.h"
#include "bench/scenarios/sync_cost.h"
#include "bench/scenarios/timing_log.h"
#include "core/table.h"

namespace npyrace {
namespace {

constexpr ScenarioRow kScenarios[] = {
    {"quick", "mmap and pwrite, packed and padded, every page shared; under a minute", quick_axes},
    {"timing-log",
     "1440 processes log 60 000 records of 16 bytes into one file: the question npyrace began with",
     timing_log_axes},
    {"page-sharing", "packed, padded-record and padded-block x block and cyclic x mmap and pwrite",
     page_sharing_axes},
    {"granularity", "padded records at 64 bytes to 1 MiB: the smallest alignment that is safe",
     granularity_axes},
    {"sync-cost", "a sync never, at the end, every 16 records, every record: what safety costs",
     sync_cost_axes},
    {"collect",
     "one shared file, a file a writer, one writer for all: to the moment when one np.load works",
     collect_axes},
    {"semantics",
     "what a write promises here: strong, commit, session or eventual; experiments between mounts",
     nullptr},
    {kExecScenario, "your own program (--exec 'COMMAND'), packed and padded, every page shared",
     exec_axes},
};

}  // namespace

std::span<const ScenarioRow> scenario_table() {
  return kScenarios;
}

const ScenarioRow& find_scenario(std::string_view name) {
  return find_row("scenario", name, scenario_table());
}

}  // namespace npyrace
