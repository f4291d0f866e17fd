#include "bench/launchers/launcher_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/launchers/slurm_plan.h"
#include "bench/launchers/ssh.h"
#include "bench/ssh/ssh_plan.h"
#include "core/error.h"

namespace npyrace {
namespace {

/// Which nodes a queue will give is not known before: nothing can be done to their caches.
void require_no_cache_state(const std::string& cache) {
  if (cache != "as-is")
    throw UsageError(fmt::format(
        "--cache {}: launcher slurm races on nodes that Slurm chooses, and leaves their "
        "caches as they are: drop --cache",
        cache));
}

}  // namespace

bool wants(const RunOptions& options, const char* launcher) {
  return std::ranges::count(options.launchers, launcher) > 0;
}

bool has_ranks(const std::string& launcher) {
  return launcher == kMpi || launcher == kSsh;
}

bool wants_ranks(const RunOptions& options) {
  return std::ranges::any_of(options.launchers, has_ranks);
}

void refuse_unused(const RunOptions& options) {
  if (!wants(options, kSsh)) refuse_unused_ssh(options.ssh);
  if (!options.npyrace.empty() && !wants(options, kSsh) && !wants(options, kSlurm))
    throw UsageError("--npyrace is for launchers ssh and slurm: give --launcher, too");
}

void require_launcher(const std::string& launcher, const LauncherNeeds& needs) {
  if (launcher == kMpi) require_ranks(needs.ranks, needs.writers);
  if (launcher == kSsh) require_hosts(needs.ranks, needs.writers);
  if (launcher == kSlurm) require_no_cache_state(needs.cache);
}

}  // namespace npyrace
