#include "reports/text/cell_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "reports/text/wrap.h"

namespace npyrace {
namespace {

const std::vector<CellAxis>& axes() {
  static const std::vector<CellAxis> all{
      {"strategy", [](const CellDescription& c) { return c.strategy; }},
      {"layout", [](const CellDescription& c) { return c.layout; }},
      {"align", [](const CellDescription& c) { return std::to_string(c.align_bytes); }, " bytes"},
      {"ownership", [](const CellDescription& c) { return c.ownership; }},
      {"sync", [](const CellDescription& c) { return c.sync; }},
      {"launcher", [](const CellDescription& c) { return c.launcher; }},
      {"cache", [](const CellDescription& c) { return c.cache; }},
      {"writers", [](const CellDescription& c) { return std::to_string(c.writers); }},
      {"records", [](const CellDescription& c) { return std::to_string(c.records); }},
      {"record", [](const CellDescription& c) { return std::to_string(c.record_bytes); }, " bytes"},
      {"generations", [](const CellDescription& c) { return std::to_string(c.generations); }},
  };
  return all;
}

bool varies(const CellAxis& axis, const std::vector<CellResult>& cells) {
  return std::ranges::any_of(cells, [&](const CellResult& cell) {
    return axis.text(cell.cell) != axis.text(cells.front().cell);
  });
}

}  // namespace

std::vector<CellAxis> shown_axes(const std::vector<CellResult>& cells) {
  std::vector<CellAxis> chosen(axes().begin(), axes().begin() + 2);
  std::copy_if(axes().begin() + 2, axes().end(), std::back_inserter(chosen),
               [&](const CellAxis& axis) { return varies(axis, cells); });
  return chosen;
}

std::string common_axes(const std::vector<CellResult>& cells) {
  std::vector<std::string> words;
  for (auto axis = axes().begin() + 2; axis != axes().end(); ++axis)
    if (!varies(*axis, cells))
      words.push_back(
          fmt::format("{} {}{}", axis->title, axis->text(cells.front().cell), axis->unit));
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string cell_title(const CellResult& cell, const std::vector<CellAxis>& chosen) {
  std::vector<std::string> words;
  for (const CellAxis& axis : chosen) words.push_back(axis.text(cell.cell));
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string anomaly_words(const CellResult& cell, const std::string& unchecked) {
  // Anomalies of a cell that ended early are not shown, because it has no verdict on its records.
  const bool broke_off = cell.verdict == Verdict::failed || cell.verdict == Verdict::skipped;
  std::vector<std::string> words;
  for (const AnomalyRow& row : anomaly_table())
    if (cell.anomalies[row.anomaly] > 0)
      words.push_back(fmt::format("{} {}", cell.anomalies[row.anomaly], row.name));
  if (cell.unwritten > 0 && !broke_off)
    words.push_back(fmt::format("{} unwritten", cell.unwritten));
  if (words.empty()) return cell.evidence.records_checked > 0 && !broke_off ? "none" : unchecked;
  return fmt::format("{}", fmt::join(words, ", "));
}

namespace {

/// True if more than half of the damage belongs to these classes.
bool mostly(const CellResult& cell, std::initializer_list<Anomaly> classes) {
  std::uint64_t count = 0;
  for (const Anomaly anomaly : classes) count += cell.anomalies[anomaly];
  return 2 * count > cell.anomalies.damaging();
}

/// On the listed file systems, page caches and locks have no larger units, except for stripes,
/// which need an experiment.
constexpr std::uint64_t kLargestUsualUnitBytes = 65536;

}  // namespace

std::string cause_words(const CellResult& cell) {
  const Attribution& found = cell.attribution;
  if (found.damaged == 0) return "";
  // On one node a user program causes the losses itself, and the reason says so.
  if (cell.cell.by_program() && cell.cell.mounts == 1) return "";
  if (!cell.evidence.file_damage.empty()) return "no alignment helps against that";
  if (mostly(cell, {Anomaly::corrupt}))
    return "no alignment helps: most of these records hold bytes that no writer wrote, as after an "
           "error of memory, network or disk";
  if (mostly(cell, {Anomaly::misplaced, Anomaly::foreign}))
    return "no alignment helps: most of these records hold the content of another place or file, as "
           "when a program computes offsets wrong";
  if (cell.cell.strategy == "mpi-collective")
    return "the MPI library may write for several ranks at once: it reads a range, changes records in it "
           "and writes the whole range back (data sieving); mpi-independent writes each rank's own records";
  // A measurement in the same run is stronger evidence than the positions of a few records.
  const bool mostly_explained = 2 * found.unexplained < found.damaged;
  if (found.separating_bytes > 0 && mostly_explained)
    return fmt::format("with an alignment of {} bytes nothing was lost in the same run",
                       found.separating_bytes);
  if (found.unexplained > 0)
    return fmt::format(
        "{} of {} damaged records share no unit up to 1 MiB with an undamaged record of {}: no writer "
        "overwrote them, so no alignment helps; it looks like writes that never reached the file",
        found.unexplained, found.damaged,
        cell.cell.mounts > 1 ? "another mount" : "another writer");
  // An alignment at least as large as the apparent unit has already failed.
  if (found.failing_bytes >= std::max(found.at_least_bytes, found.at_most_bytes) &&
      found.failing_bytes > 0)
    return fmt::format(
        "an alignment of {} bytes did not help in the same run: it looks like writes that are lost or cut "
        "on their way, not like shared units",
        found.failing_bytes);
  if (found.at_most_bytes > found.at_least_bytes)
    return fmt::format("an alignment of {} to {} bytes would have separated them",
                       found.at_least_bytes, found.at_most_bytes);
  if (found.at_most_bytes > 0)
    return fmt::format("an alignment of {} bytes would have separated them", found.at_most_bytes);
  if (found.at_least_bytes > kLargestUsualUnitBytes)
    return "the damage does not come in units that writers share: it looks like writes that never "
           "reached the file, or a file that was cut; alignment is no remedy for that";
  return fmt::format(
      "the positions of the damage show no unit (and none below {} bytes explains them): scenario "
      "granularity tests whether an alignment helps",
      found.at_least_bytes);
}

std::string power_words(const std::vector<CellResult>& cells) {
  const CellResult* weakest = nullptr;
  for (const CellResult& cell : cells)
    if (cell.verdict == Verdict::safe &&
        (weakest == nullptr || cell.evidence.trials < weakest->evidence.trials))
      weakest = &cell;
  if (weakest == nullptr) return "";
  const Evidence& seen = weakest->evidence;
  constexpr double kLittle = 0.01;
  std::string text =
      fmt::format("power: an update lost once in 1000 {} units would be missed with a chance of {}",
                  weakest->cell.layout.starts_with("padded") ? "neighbouring" : "shared",
                  chance_words(seen.chance_to_miss));
  if (weakest->cell.by_program())
    text += fmt::format("; damage to the whole file had {} chances to show (generations)",
                        seen.file_trials);
  if (seen.chance_to_miss < kLittle) return text;
  if (weakest->cell.launcher != "array")
    return text + ": more --generations or --repetitions make it less";
  const bool cyclic = weakest->cell.ownership == "cyclic";
  return fmt::format("{}: {}more --records (of create) make it less", text,
                     cyclic ? "" : "--ownership cyclic or ");
}

std::string failure_lines(const RunResult& result) {
  std::string text;
  for (const CellResult& cell : result.cells) {
    if (cell.verdict != Verdict::failed) continue;
    const std::string where = cell.cell.strategy.empty() ? "" : cell.cell.name + ": ";
    text += fmt::format("npyrace: {}\n", printable(where + cell.reason));
  }
  // An error that ends a file agent affects every row; it is reported once.
  std::set<std::string> problems;
  for (const PassportRow& row :
       result.passport ? result.passport->rows : std::vector<PassportRow>{})
    if (!row.problem.empty() && !row.refused && problems.insert(row.problem).second)
      text += fmt::format("npyrace: semantics: {}\n", printable(row.problem));
  for (const ExperimentResult& one : result.experiments)
    if (one.verdict == Verdict::failed)
      text += fmt::format("npyrace: {}: {}: {}\n", one.scenario, one.name, printable(one.reason));
  for (const ReferenceResult& reference : result.references)
    if (!reference.problem.empty())
      text += fmt::format("npyrace: {}: {}\n", reference.name, printable(reference.problem));
  return text;
}

}  // namespace npyrace
