#include "bench/advise/missing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "bench/shell_word.h"
#include "bench/statistics.h"
#include "core/layouts/layout.h"

namespace npyrace {
namespace {

/// " --dir A,B" or " --lab MODEL": where it was raced.
std::string place(const Environment& environment) {
  if (!environment.lab.empty()) return " --lab " + shell_word(environment.lab);
  std::vector<std::string> dirs;
  for (const MountResult& mount : environment.mounts) dirs.push_back(shell_word(mount.dir));
  return dirs.empty() ? "" : fmt::format(" --dir {}", fmt::join(dirs, ","));
}

/// "npyrace run", or what starts ranks that run it.
std::string command(const CellDescription& cell) {
  if (cell.launcher != "mpi") return "npyrace run";
  return fmt::format("mpirun -n {} npyrace run --launcher mpi", cell.writers);
}

/// "--strategies S --layouts L …": the cell again.
std::string cell_options(const CellDescription& cell) {
  std::string text =
      fmt::format(" --strategies {} --layouts {} --ownership {} --sync {} --writers {}",
                  cell.strategy, cell.layout, cell.ownership, cell.sync, cell.writers);
  // mpirun has named its launcher before; exec is asked for by --exec.
  if (cell.launcher == "thread" || cell.launcher == "slurm" || cell.launcher == "ssh")
    text += " --launcher " + cell.launcher;
  if (cell.launcher == "ssh") text += " --hosts HOSTS";  // whose directories no result knows
  if (find_layout(cell.layout).padded) text += fmt::format(" --align {}", cell.align_bytes);
  return text;
}

bool one_node(const CellResult& cell) {
  return cell.evidence.units_shared_by_mounts == 0 && cell.cell.mounts < 2;
}

/// Ranks of several hosts reach one directory through a mount each.
bool several_hosts(const CellResult& cell, const Environment& environment) {
  const std::string& launcher = cell.cell.launcher;
  if ((launcher != "mpi" && launcher != "ssh") || !environment.ranks) return false;
  const std::vector<std::string>& hosts = environment.ranks->hosts;
  return std::set(hosts.begin(), hosts.end()).size() > 1;
}

void ask_for_nodes(std::vector<std::string>& missing, const CellResult& chosen,
                   const Environment& environment) {
  if (one_node(chosen) && !several_hosts(chosen, environment))
    missing.push_back(
        "anything between nodes, as all was raced through one mount: npyrace run --dir MOUNT1,MOUNT2 with "
        "two mounts of this file system, or, to see what can happen, npyrace run --lab nfs");
}

void ask_for_trials(std::vector<std::string>& missing, const CellResult& chosen,
                    const Environment& environment) {
  if (chosen.evidence.trials == 0 || chosen.evidence.chance_to_miss <= kRareLossMissed) return;
  constexpr double kTrialsWanted = 4603;  // 0.999^4603 is 1 %
  const double factor = kTrialsWanted / static_cast<double>(chosen.evidence.trials);
  const double repetitions = static_cast<double>(std::max<std::size_t>(1, chosen.seconds.size()));
  missing.push_back(
      fmt::format("whether one update in 1000 is lost (chance to have missed it: {:.0f} %): {}{}{} "
                  "--repetitions {:.0f}",
                  100 * chosen.evidence.chance_to_miss, command(chosen.cell), place(environment),
                  cell_options(chosen.cell), std::ceil(factor * repetitions)));
}

void ask_for_alignments(std::vector<std::string>& missing, const std::vector<CellResult>& cells,
                        const CellResult& chosen, const Environment& environment) {
  if (!find_layout(chosen.cell.layout).padded) return;
  std::set<std::uint64_t> raced;
  for (const CellResult& cell : cells)
    if (cell.cell.strategy == chosen.cell.strategy && find_layout(cell.cell.layout).padded)
      raced.insert(cell.cell.align_bytes);
  if (raced.size() < 2)
    missing.push_back(fmt::format("whether less padding would do: {} granularity{} --strategies {}",
                                  command(chosen.cell), place(environment), chosen.cell.strategy));
}

void ask_for_proof(std::vector<std::string>& missing, const std::vector<CellResult>& cells,
                   const Environment& environment) {
  const auto untold = std::ranges::find(cells, Verdict::inconclusive, &CellResult::verdict);
  if (untold == cells.end()) return;
  const auto count = std::ranges::count(cells, Verdict::inconclusive, &CellResult::verdict);
  missing.push_back(fmt::format("what {} inconclusive cells are ({}): {}{} --records {}", count,
                                untold->reason, command(untold->cell), place(environment),
                                8 * untold->cell.records));
}

}  // namespace

std::vector<std::string> missing_evidence(const std::vector<CellResult>& cells,
                                          const CellResult* chosen,
                                          const Environment& environment) {
  std::vector<std::string> missing;
  if (chosen != nullptr) {
    ask_for_nodes(missing, *chosen, environment);
    ask_for_trials(missing, *chosen, environment);
    ask_for_alignments(missing, cells, *chosen, environment);
    return missing;
  }
  ask_for_proof(missing, cells, environment);
  const bool damaged = std::ranges::any_of(
      cells, [](const CellResult& cell) { return cell.verdict == Verdict::unsafe; });
  if (damaged)
    missing.push_back(fmt::format(
        "what else could be safe: npyrace run granularity{}, and npyrace run{} --strategies "
        "pwrite-dsync,pwrite-lock,osync,mmap-msync-page --layouts packed,padded-block",
        place(environment), place(environment)));
  return missing;
}

}  // namespace npyrace
