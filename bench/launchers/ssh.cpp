#include "bench/launchers/ssh.h"

#include "bench/launchers/rank_crew.h"
#include "bench/launchers/shell_command.h"
#include "bench/strategies/strategy.h"

namespace npyrace {

std::unique_ptr<Crew> SshLauncher::start(const LaunchRequest& request) const {
  for (const std::string& name : request.order.strategies)
    if (find_strategy(name).strategy.needs_ranks())
      throw RaceError("MPI-IO needs launcher mpi: ranks of launcher ssh have no MPI", true);
  return start_rank_crew(request);
}

std::string no_ssh_reason() {
  const auto status = run_to_end({.command = "command -v ssh >/dev/null 2>&1"});
  return *status == 0 ? ""
                      : "no ssh in PATH (Debian: openssh-client); another remote shell by --rsh";
}

}  // namespace npyrace
