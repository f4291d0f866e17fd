#include "bench/launchers/launcher.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "bench/launchers/exec.h"
#include "bench/launchers/rank_crew.h"
#include "bench/launchers/slurm.h"
#include "bench/launchers/slurm_queue.h"
#include "bench/launchers/spawned_crew.h"
#include "bench/remote/world.h"
#include "core/base/table.h"

namespace npyrace {
namespace {

const ProcessLauncher kProcess;
const ThreadLauncher kThread;
const ExecLauncher kExec;
const MpiLauncher kMpi;
const SlurmLauncher kSlurm;
const SshLauncher kSshLauncher;

const LauncherRow kLaunchers[] = {
    {"process", "one process a writer, started together", kProcess},
    {"thread", "one OpenMP thread a writer, in one process of their own", kThread},
    {"mpi", "one MPI rank a writer: mpirun -n 4 npyrace run --launcher mpi", kMpi, no_mpi_reason},
    {"slurm", "one task of a Slurm array job a writer, on the nodes that Slurm gives", kSlurm,
     no_slurm_reason},
    {kSsh, "one process a writer on hosts that you name, over a remote shell: --hosts n1,n2",
     kSshLauncher, no_ssh_reason},
    {"exec", "your own program, once a writer: run --exec 'COMMAND'", kExec},
};

}  // namespace

std::string hanging_words(const std::vector<std::uint64_t>& hanging, std::uint64_t writers,
                          const char* complaint, std::chrono::seconds patience) {
  constexpr std::size_t kMost = 8;
  const std::size_t shown = std::min(kMost, hanging.size());
  return fmt::format(
      "{} {}{} of {} {} within {} s; if they are only slow, more --patience or fewer --records help",
      hanging.size() == 1 ? "writer" : "writers",
      fmt::join(hanging.begin(), hanging.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
      hanging.size() > kMost ? fmt::format(" and {} more", hanging.size() - kMost) : "", writers,
      complaint, patience.count());
}

std::span<const LauncherRow> launcher_table() {
  return kLaunchers;
}

const LauncherRow& find_launcher(std::string_view name) {
  return find_row("launcher", name, launcher_table());
}

}  // namespace npyrace
