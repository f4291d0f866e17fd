#include "bench/analysis/cross_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "bench/storage/mounts.h"
#include "bench/strategies/strategy.h"

namespace npyrace {
namespace {

bool lost_on_one_node(const CellResult& cell) {
  const std::uint64_t overwritten =
      cell.anomalies[Anomaly::lost] + cell.anomalies[Anomaly::hole] + cell.anomalies[Anomaly::torn];
  return cell.verdict == Verdict::unsafe && cell.cell.by_program() && cell.cell.mounts == 1 &&
         (overwritten > 0 || !cell.evidence.file_damage.empty());
}

}  // namespace

void doubt_programs(std::vector<CellResult>& cells, const Environment& environment) {
  if (!environment.lab.empty()) return;
  for (const CellResult& loser : cells) {
    if (!lost_on_one_node(loser)) continue;
    for (CellResult& cell : cells) {
      const bool same_program = cell.cell.by_program() &&
                                cell.cell.strategy == loser.cell.strategy &&
                                cell.cell.mounts == loser.cell.mounts;
      if (!same_program || cell.verdict != Verdict::safe) continue;
      cell.verdict = Verdict::inconclusive;
      cell.reason = "nothing was lost here, but this program lost records in " + loser.cell.name +
                    ": it rewrites what is not its own, and no layout keeps it from that";
    }
  }
  for (CellResult& cell : cells)
    if (lost_on_one_node(cell))
      cell.reason +=
          "; on one node one page cache serves all writers, so the program rewrites what is not its "
          "own, and no layout helps: let each writer write its own records only";
}

namespace {

/// False if the strategy or library may overwrite records of others: then it is the suspect, not
/// the file system. MPI-IO may read, modify and write back whole blocks, depending on hints.
bool keeps_to_its_records(const std::string& name_or_mixture) {
  return std::ranges::all_of(find_strategies(name_or_mixture), [](const StrategyRow* row) {
    return row->keeps_to_its_records && !row->strategy.needs_ranks;
  });
}

/// True for damage that other writers can have caused by writing only their own records. A changed
/// header or padding is no violation of a guarantee to writers.
bool lost_records(const CellResult& cell) {
  return cell.verdict == Verdict::unsafe && keeps_to_its_records(cell.cell.strategy) &&
         cell.attribution.damaged > cell.attribution.unexplained;
}

/// Two nodes wrote to shared units without a loss, with enough trials to detect a rare one.
bool kept_shared_units(const CellResult& cell) {
  constexpr double kLittle = 0.01;
  return cell.verdict == Verdict::safe && cell.evidence.units_shared_by_mounts > 0 &&
         cell.evidence.chance_to_miss < kLittle;
}

bool maps(const CellResult& cell) {
  return std::ranges::any_of(find_strategies(cell.cell.strategy), [](const StrategyRow* row) {
    return std::string_view(row->name).starts_with("mmap");
  });
}

bool breaks(Promised promised, const CellResult& cell) {
  if (!lost_records(cell)) return false;
  return promised == Promised::coherent ||
         (promised == Promised::coherent_except_mmap && !maps(cell));
}

std::string broken(const MountResult& mount, const FileSystemRow& row,
                   const std::vector<CellResult>& cells) {
  const auto cell = std::ranges::find_if(
      cells, [&row](const CellResult& one) { return breaks(row.promised, one); });
  if (cell == cells.end()) return "";
  return fmt::format("{} ({}) promises \"{}\" ({}), and yet records were lost: {}", mount.dir,
                     mount.fs_type, row.promise, row.source, cell->cell.name);
}

std::string exceeded(const MountResult& mount, const FileSystemRow& row,
                     const std::vector<CellResult>& cells) {
  const bool promises_less =
      row.promised == Promised::close_to_open || row.promised == Promised::nothing;
  if (!promises_less || std::ranges::any_of(cells, lost_records)) return "";
  const auto cell = std::ranges::find_if(cells, kept_shared_units);
  if (cell == cells.end()) return "";
  return fmt::format(
      "{} ({}) promises nothing to writers of one page (\"{}\", {}), and yet none of their records "
      "was lost, as in {}: that may change, since it is not promised",
      mount.dir, mount.fs_type, row.promise, row.source, cell->cell.name);
}

}  // namespace

std::vector<std::string> contradictions(const Environment& environment,
                                        const std::vector<CellResult>& cells) {
  if (environment.mounts.empty()) return {};
  // All mounts belong to one file system.
  const MountResult& mount = environment.mounts.front();
  const FileSystemRow& row = file_system_of(mount.fs_type);
  std::vector<std::string> found;
  for (std::string sentence : {broken(mount, row, cells), exceeded(mount, row, cells)})
    if (!sentence.empty()) found.push_back(std::move(sentence));
  return found;
}

}  // namespace npyrace
