#include "bench/launchers/launcher.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "bench/launchers/slurm_queue.h"
#include "bench/remote/transport.h"
#include "core/base/table.h"

namespace npyrace {
namespace {

const LauncherRow kLaunchers[] = {
    {"process", "one process per writer, started together", start_processes},
    {"thread", "one OpenMP thread per writer, in one separate process", start_threads},
    {kMpi, "one MPI rank per writer: mpirun -n 4 npyrace run --launcher mpi", start_ranks,
     no_mpi_reason},
    {kSlurm, "one task of a Slurm array job per writer, on the nodes that Slurm chooses",
     start_slurm_tasks, no_slurm_reason},
    {kSsh, "one process per writer on hosts that you name, over a remote shell: --hosts n1,n2",
     start_ssh_ranks, no_ssh_reason},
    {kExec, "your own program, started once per writer: run --exec 'COMMAND'", start_programs},
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
