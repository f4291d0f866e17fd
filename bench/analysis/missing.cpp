#include "bench/analysis/missing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "bench/analysis/statistics.h"
#include "bench/strategies/strategy.h"
#include "core/array/array_map.h"
#include "core/array/ownership.h"
#include "core/npy/dtype.h"
#include "core/os/shell.h"

namespace npyrace {
namespace {

/// " --dir A,B" or " --lab MODEL": the place of the race.
std::string place(const Environment& environment) {
  if (!environment.lab.empty()) return " --lab " + shown_shell_word(environment.lab);
  std::vector<std::string> dirs;
  for (const MountResult& mount : environment.mounts)
    dirs.push_back(shown_shell_word(mount.place.empty() ? mount.dir : mount.place));
  return dirs.empty() ? "" : fmt::format(" --dir {}", fmt::join(dirs, ","));
}

/// "npyrace run SCENARIO --dir A,B": a race at the same place, in the lab that the race was in.
/// `start`: "npyrace run", or the mpirun command with it.
std::string race_there(const Environment& environment, const char* scenario = "",
                       const std::string& start = "npyrace run") {
  const std::string& lab = environment.lab_command;
  return (lab.empty() ? "" : lab + " -- ") + start + scenario + place(environment);
}

/// Parts of a suggested command that a cell does not contain.
struct Known {
  const Environment& environment;
  const std::vector<ProgramResult>& programs;
};

/// "npyrace run --dir A,B", or the mpirun command that starts it: the race at the same place.
std::string command(const CellDescription& cell, const Environment& environment,
                    const char* scenario = "") {
  const std::string start =
      cell.launcher == "mpi" ? fmt::format("mpirun -n {} npyrace run --launcher mpi", cell.writers)
                             : "npyrace run";
  return race_there(environment, scenario, start);
}

/// " --strategies S" or the program itself. Results of version 0.1 do not contain their programs.
std::string writer_options(const CellDescription& cell, const Known& known) {
  if (!cell.by_program()) return " --strategies " + cell.strategy;
  const std::string truth = cell.ownership == kOfProgram ? " --expect serial" : "";
  for (const ProgramResult& program : known.programs)
    if (program.strategy == cell.strategy)
      return " --exec " + shown_shell_word(program.command) + truth;
  return " --exec COMMAND" + truth;
}

/// Omits the default type, and Python's quotes around a plain type string.
std::string descr_option(const std::string& descr) {
  if (descr == descr_text(dtype_from_text(ArrayRequest{}.descr))) return "";
  const bool plain = descr.size() > 2 && descr.front() == '\'' && descr.back() == '\'';
  return " --descr " + shown_shell_word(plain ? descr.substr(1, descr.size() - 2) : descr);
}

/// " --descr D --shape N,M": the array, with `times` as many records.
std::string array_options(const CellDescription& cell, std::uint64_t times) {
  const std::uint64_t records = cell.records * times;
  if (cell.descr.empty())
    return fmt::format(" --records {} --record-bytes {}", records, cell.record_bytes);
  const std::string descr = descr_option(cell.descr);
  if (cell.row_shape.empty()) return fmt::format("{} --records {}", descr, records);
  return fmt::format("{} --shape {},{}", descr, records, fmt::join(cell.row_shape, ","));
}

/// "--strategies S --layouts L …": the options that repeat the cell.
std::string cell_options(const CellDescription& cell, const Known& known) {
  std::string text = writer_options(cell, known) + fmt::format(" --layouts {}", cell.layout) +
                     (cell.ownership == kOfProgram ? "" : " --ownership " + cell.ownership);
  if (!cell.by_program()) text += " --sync " + cell.sync;
  text += fmt::format(" --writers {}", cell.writers);
  // launcher mpi is part of the mpirun command, exec follows from --exec
  if (cell.launcher == "thread" || cell.launcher == "slurm" || cell.launcher == "ssh")
    text += " --launcher " + cell.launcher;
  if (cell.launcher == "ssh") text += " --hosts HOSTS";  // directories on the hosts are unknown
  if (cell.padded()) text += fmt::format(" --align {}", cell.align_bytes);
  return text;
}

bool one_node(const CellResult& cell) {
  return cell.evidence.units_shared_by_mounts == 0 && cell.cell.mounts < 2;
}

/// Ranks on several hosts use a separate mount of one directory each.
bool several_hosts(const CellResult& cell, const Environment& environment) {
  const std::string& launcher = cell.cell.launcher;
  if ((launcher != "mpi" && launcher != "ssh") || !environment.ranks) return false;
  return environment.ranks->has_several_hosts();
}

/// Advice to race on two nodes, and a command that shows the hazards on one machine.
constexpr const char* kTwoNodes =
    "take two nodes, by --launcher slurm or --launcher ssh --hosts A,B (docs/launchers.md); what can happen "
    "there is shown on this machine by: npyrace run --lab nfs";

void ask_for_nodes(std::vector<std::string>& missing, const CellResult& chosen,
                   const Known& known) {
  if (one_node(chosen) && !several_hosts(chosen, known.environment))
    missing.push_back(
        fmt::format("what happens between nodes (all writers used one mount): {}{}", kTwoNodes,
                    chosen.cell.by_program()
                        ? writer_options(chosen.cell, known) + array_options(chosen.cell, 1)
                        : ""));
}

void ask_for_trials(std::vector<std::string>& missing, const CellResult& chosen,
                    const Known& known) {
  if (chosen.evidence.trials == 0 || chosen.evidence.chance_to_miss <= kRareLossMissed) return;
  constexpr double kTrialsWanted = 4603;  // 0.999^4603 is 1 %
  const double factor = kTrialsWanted / static_cast<double>(chosen.evidence.trials);
  const double repetitions = static_cast<double>(std::max<std::size_t>(1, chosen.seconds.size()));
  missing.push_back(fmt::format(
      "whether one update in 1000 is lost (chance to have missed it: {}): {}{}{} --repetitions {:.0f}",
      chance_words(chosen.evidence.chance_to_miss), command(chosen.cell, known.environment),
      cell_options(chosen.cell, known), array_options(chosen.cell, 1),
      std::ceil(factor * repetitions)));
}

void ask_for_alignments(std::vector<std::string>& missing, const std::vector<CellResult>& cells,
                        const CellResult& chosen, const Known& known) {
  if (!chosen.cell.padded()) return;
  std::set<std::uint64_t> raced;
  for (const CellResult& cell : cells)
    if (cell.cell.strategy == chosen.cell.strategy && cell.cell.padded())
      raced.insert(cell.cell.align_bytes);
  if (raced.size() < 2)
    missing.push_back("whether less padding is enough: " +
                      command(chosen.cell, known.environment, " granularity") +
                      writer_options(chosen.cell, known));
}

/// Several directories behind one page cache do not become two nodes by more records.
bool shares_one_cache(const CellResult& cell) {
  return cell.cell.mounts > 1 && cell.evidence.units_shared_by_writers > 0 &&
         cell.evidence.units_shared_by_mounts == 0;
}

/// The command or set-up that would make an inconclusive cell conclusive.
std::string proof_of(const CellResult& cell, const Known& known) {
  const Evidence& seen = cell.evidence;
  const std::string run = command(cell.cell, known.environment);
  if (shares_one_cache(cell)) return kTwoNodes;
  if (find_strategies(cell.cell.strategy).front()->strategy.writes_where_it_runs == false)
    return run + " --strategies mpi-independent,mpi-atomic" + array_options(cell.cell, 1);
  if (seen.units_shared_by_writers == 0 && !cell.cell.padded() && cell.cell.ownership != "cyclic" &&
      cell.cell.ownership != kOfProgram)
    return run + writer_options(cell.cell, known) + " --ownership cyclic" +
           array_options(cell.cell, 1);
  constexpr std::uint64_t kMore = 8;
  return run + cell_options(cell.cell, known) + array_options(cell.cell, kMore);
}

void ask_for_proof(std::vector<std::string>& missing, const std::vector<CellResult>& cells,
                   const Known& known) {
  const auto untold = std::ranges::find(cells, Verdict::inconclusive, &CellResult::verdict);
  if (untold == cells.end()) return;
  const auto count = std::ranges::count(cells, Verdict::inconclusive, &CellResult::verdict);
  missing.push_back(fmt::format("whether {} inconclusive cells are safe ({}): {}", count,
                                untold->reason, proof_of(*untold, known)));
}

/// True if most damaged records shared no unit with another party: no alignment separates them.
bool unrelated_to_alignment(const Attribution& attribution) {
  return 2 * attribution.unexplained > attribution.damaged;
}

/// Suggestion that may make a program safe. With --expect serial the program itself determines the
/// layout.
std::string other_way_of_program(const CellDescription& cell, const Known& known) {
  const std::string race = writer_options(cell, known) + array_options(cell, 1);
  if (cell.ownership == kOfProgram)
    return "a program that gives each writer pages of its own (docs/programs.md): change it, and " +
           race_there(known.environment) + race;
  return race_there(known.environment, " granularity") + race;
}

/// Suggests other strategies or, for a program, other alignments.
void ask_for_others(std::vector<std::string>& missing, const CellResult& unsafe,
                    const Known& known) {
  const std::string what = "what else could be safe: ";
  const bool aligns = !unrelated_to_alignment(unsafe.attribution);
  if (unsafe.cell.by_program()) {
    if (aligns) missing.push_back(what + other_way_of_program(unsafe.cell, known));
    return;
  }
  const std::string granularity = race_there(known.environment, " granularity") + ", and ";
  missing.push_back(
      fmt::format("{}{}{} --strategies pwrite-dsync,pwrite-lock,osync,mmap-msync-page "
                  "--layouts packed,padded-block",
                  what, aligns ? granularity : "", race_there(known.environment)));
}

}  // namespace

std::vector<std::string> missing_evidence(const std::vector<CellResult>& cells,
                                          const CellResult* chosen, const Environment& environment,
                                          const std::vector<ProgramResult>& programs) {
  const Known known{environment, programs};
  std::vector<std::string> missing;
  if (chosen != nullptr) {
    ask_for_nodes(missing, *chosen, known);
    ask_for_trials(missing, *chosen, known);
    ask_for_alignments(missing, cells, *chosen, known);
    return missing;
  }
  ask_for_proof(missing, cells, known);
  const auto damaged = std::ranges::find(cells, Verdict::unsafe, &CellResult::verdict);
  // A program that loses records on one node does so in every layout: see doubt_programs in
  // cross_checks.h.
  const bool hopeless = damaged != cells.end() && damaged->cell.by_program() &&
                        damaged->cell.mounts == 1 && environment.lab.empty();
  if (damaged != cells.end() && !hopeless) ask_for_others(missing, *damaged, known);
  return missing;
}

}  // namespace npyrace
