#include "reports/text/terminal_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "reports/text/advice_report.h"
#include "reports/text/cell_words.h"
#include "reports/text/experiments_report.h"
#include "reports/text/run_sections.h"
#include "reports/text/table.h"
#include "reports/text/wrap.h"

namespace npyrace {
namespace {

/// A paragraph with hanging indentation.
std::string paragraph_if_any(const std::string& text) {
  return text.empty() ? "" : paragraph(text);
}

std::string rate_text(const CellResult& cell) {
  return cell.seconds.empty() ? "-" : short_number(cell.records_per_second);
}

std::string interval_text(const CellResult& cell) {
  if (cell.seconds.size() < 2) return "-";
  return fmt::format("{} .. {}", short_number(cell.records_per_second_interval.low),
                     short_number(cell.records_per_second_interval.high));
}

const char* colour_of(const std::string& word) {
  if (word == "safe") return "\033[32m";
  if (word == "unsafe" || word == "failed") return "\033[31m";
  if (word == "inconclusive") return "\033[33m";
  return nullptr;
}

/// If the table is too wide, drops its last column, the intervals, which the JSON contains.
void fit_columns(std::vector<TableRow>& rows) {
  const std::vector<std::size_t> widths = widths_of(rows);
  const std::size_t total = std::accumulate(widths.begin(), widths.end(), 2 * (widths.size() - 1));
  if (total <= kTerminalColumns) return;
  for (TableRow& row : rows) row.pop_back();
}

std::string aligned(const std::vector<TableRow>& rows, const TerminalStyle& style) {
  const std::vector<std::size_t> widths = widths_of(rows);
  std::string text;
  for (const TableRow& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(i + 1 < row.size() ? widths[i] - columns_of(row[i]) + 2 : 0, ' ');
      const char* colour = style.colour ? colour_of(row[i]) : nullptr;
      line += colour ? colour + row[i] + "\033[0m" + padding : row[i] + padding;
    }
    text += line + "\n";
  }
  return text;
}

std::vector<TableRow> table_rows(const RunResult& result) {
  const std::vector<CellAxis> chosen = shown_axes(result.cells);
  std::vector<TableRow> rows(1);
  for (const CellAxis& axis : chosen) rows[0].push_back(axis.title);
  for (const char* title : {"verdict", "records/s", "anomalies", "interval"})
    rows[0].push_back(title);
  for (const CellResult& cell : result.cells) {
    TableRow& row = rows.emplace_back();
    for (const CellAxis& axis : chosen) row.push_back(axis.text(cell.cell));
    row.insert(row.end(), {verdict_name(cell.verdict), rate_text(cell), anomaly_words(cell, "-"),
                           interval_text(cell)});
  }
  make_printable(rows);
  fit_columns(rows);
  return rows;
}

std::string first_example(const CellResult& cell) {
  if (cell.examples.empty()) return "";
  const Example& example = cell.examples.front();
  std::string text =
      fmt::format("first at byte {}: {}: expected {}, found {}", example.offset_bytes,
                  place_words(example), example.expected, example.found);
  if (!example.overwritten_by.empty())
    text += fmt::format("; writer {} also has records in its unit and may have overwritten it",
                        fmt::join(example.overwritten_by, " or "));
  else if (example.region == Region::record && example.unit_writers.size() > 1)
    text +=
        fmt::format("; its unit is shared by writers {}", fmt::join(example.unit_writers, ", "));
  return "  " + wrapped(text, {.first = 2, .others = 2});
}

std::string cause(const CellResult& cell) {
  const std::string words = cause_words(cell);
  return words.empty() ? "" : "  " + wrapped(words, {.first = 2, .others = 2});
}

constexpr std::size_t kMostNotes = 8;

/// One paragraph for each of the first cells that are not safe.
std::string cell_notes(const RunResult& result) {
  const std::vector<CellAxis> chosen = shown_axes(result.cells);
  std::string text;
  std::size_t count = 0;
  for (const CellResult& cell : result.cells) {
    if (cell.verdict == Verdict::safe || ++count > kMostNotes) continue;
    text += paragraph(fmt::format("{} ({}): {}", verdict_name(cell.verdict),
                                  cell_title(cell, chosen), cell.reason));
    text += first_example(cell) + cause(cell);
  }
  if (count > kMostNotes)
    text += fmt::format("... and {} more cells; --json FILE has all\n", count - kMostNotes);
  return text.empty() ? "" : "\n" + text;
}

std::string separation_words(const Separation& found) {
  if (found.packed_safe) return "needs none, packed is safe";
  if (found.safe_from_bytes == 0)
    return fmt::format("unsafe at {} bytes and below", found.unsafe_up_to_bytes);
  if (found.unsafe_up_to_bytes == 0)
    return fmt::format("packed is unsafe, {} bytes and more are safe", found.safe_from_bytes);
  return fmt::format("unsafe up to {} bytes, safe from {} on", found.unsafe_up_to_bytes,
                     found.safe_from_bytes);
}

/// One line per way to write for which several alignments were raced.
std::string separations_text(const RunResult& result) {
  std::string text;
  for (const Separation& found : result.separations) {
    if (found.alignments < 2) continue;
    const std::string cache = found.cache == "as-is" ? "" : ", cache " + found.cache;
    text += paragraph(
        fmt::format("alignment: {}{}: {}", found.strategy, cache, separation_words(found)));
  }
  return text.empty() ? "" : "\n" + text;
}

std::string mounts_text(const Environment& environment) {
  if (!environment.lab.empty())
    return fmt::format("a lab of {} nodes, model {}", environment.mounts.size(), environment.lab);
  std::vector<std::string> words;
  for (const MountResult& mount : environment.mounts)
    words.push_back(fmt::format("{} ({})", mount.dir, mount.fs_type));
  return fmt::format("{}", fmt::join(words, " and "));
}

std::string reference_text(const std::vector<ReferenceResult>& references) {
  std::vector<std::string> words;
  for (const ReferenceResult& reference : references)
    if (reference.bytes_per_second > 0)
      words.push_back(fmt::format("{} {}B/s", reference.name.substr(reference.name.find('/') + 1),
                                  short_number(reference.bytes_per_second)));
  if (words.empty()) return "";
  return "\n" + paragraph(fmt::format("for reference: {}", fmt::join(words, ", ")));
}

/// Observations of live readers over all cells, shown beside the verdicts and not part of them.
std::string readers_text(const RunResult& result) {
  ReadersResult all;
  for (const CellResult& cell : result.cells)
    if (cell.readers) {
      all.merge(*cell.readers);
      all.readers = cell.readers->readers;
    }
  if (all.readers == 0) return "";
  std::string text = "readers: ";
  if (all.records_read == 0)
    text +=
        "the readers read no record before the writers ended: more --generations or --records give them more time";
  else if (all.torn + all.went_back + all.other == 0)
    text += fmt::format(
        "saw nothing torn and nothing going back in {} records read, which is no promise",
        all.records_read);
  else
    text += fmt::format(
        "programs that read the file while jobs run may see: {} of {} records torn, {} going back to "
        "older content ({:.3g} and {:.3g} per million), {} with no whole stamp of their own",
        all.torn, all.records_read, all.went_back, all.per_million(all.torn),
        all.per_million(all.went_back), all.other);
  for (const std::string& problem : all.problems) text += "; " + problem;
  return paragraph(text);
}

/// Contradictions are shown first, because they are unexpected.
std::string contradictions_text(const RunResult& result) {
  std::string text;
  for (const std::string& sentence : result.contradictions)
    text += paragraph("CONTRADICTION: " + sentence) + "\n";
  return text;
}

/// Slurm chooses the nodes. Units shared by mounts in a packed array show that there were several.
bool may_have_used_nodes(const CellResult& cell) {
  if (cell.cell.launcher != "slurm") return false;
  const bool packed_and_judged = cell.cell.layout == "packed" && cell.evidence.records_checked > 0;
  return !packed_and_judged || cell.evidence.units_shared_by_mounts > 0;
}

/// A race on one node does not show what happens between nodes. The warning comes first if other
/// nodes can use the file system, else above the table.
std::string one_node_text(const RunResult& result) {
  const Environment& environment = result.environment;
  const bool several = environment.mounts.size() > 1 ||
                       (environment.ranks && environment.ranks->has_several_hosts()) ||
                       !environment.lab.empty();
  const bool queued = std::ranges::any_of(
      result.cells, [](const CellResult& cell) { return may_have_used_nodes(cell); });
  if (several || queued || environment.mounts.empty() || result.cells.empty()) return "";
  const MountResult& mount = environment.mounts.front();
  if (mount.one_node) return paragraph("ONE NODE: nothing here was shared between nodes.");
  return paragraph(fmt::format(
             "ONE NODE ONLY: nodes share {} ({}), but all writers ran on this one and used one page cache. "
             "Records are lost between nodes: race there by --launcher slurm or --launcher ssh --hosts A,B "
             "(docs/launchers.md).",
             mount.dir, mount.fs_type)) +
         "\n";
}

std::string interrupted_text(const RunResult& result) {
  return result.interrupted ? paragraph("INTERRUPTED: this is what was measured until then.") + "\n"
                            : "";
}

std::string option_notes_text(const Environment& environment) {
  if (environment.mounts.empty()) return "";
  std::string text;
  for (const std::string& note : environment.mounts.front().option_notes)
    text += paragraph("mounted with " + note);
  return text;
}

/// All mounts belong to one file system, and the file of a race is made in the first.
std::string stripe_text(const Environment& environment) {
  if (environment.mounts.empty() || environment.mounts.front().stripe_bytes == 0) return "";
  const MountResult& mount = environment.mounts.front();
  return paragraph(fmt::format(
      "new files in {} have stripes of {} bytes{}", mount.dir, mount.stripe_bytes,
      mount.stripe_count == 0 ? "" : fmt::format(" on {} objects", mount.stripe_count)));
}

std::string cells_text(const RunResult& result, const TerminalStyle& style) {
  if (result.cells.empty()) return "";
  return paragraph(common_axes(result.cells)) + "\n" + aligned(table_rows(result), style) +
         cell_notes(result) + separations_text(result) + scaling_report(result.scalings) +
         sync_cost_report(result.cells) + reference_text(result.references) +
         paragraph_if_any(power_words(result.cells)) + readers_text(result) +
         recommendation_text(result);
}

std::string passport_text(const RunResult& result) {
  return result.passport ? "\n" + passport_report(*result.passport) : "";
}

bool was_drawn(const CellResult& cell) {
  return cell.replay.has_value();
}

/// Randomly drawn cells form no matrix and are listed separately.
RunResult planned_part(RunResult result) {
  std::erase_if(result.cells, was_drawn);
  return result;
}

/// Anomalies of randomly drawn cells, with the commands that reproduce them.
std::string drawn_text(const RunResult& result) {
  std::string text;
  std::size_t count = 0;
  for (const CellResult& cell : result.cells) {
    if (!was_drawn(cell) || ++count > kMostNotes) continue;
    text += paragraph(
        fmt::format("{} ({}): {}", verdict_name(cell.verdict), cell.cell.name, cell.reason));
    text += first_example(cell) + fmt::format("  again: {}\n", printable(cell.replay->command));
  }
  if (count > kMostNotes)
    text += fmt::format("... and {} more cells; --json FILE has all\n", count - kMostNotes);
  return text.empty() ? "" : "\n" + text;
}

/// The last line states if the result must not be taken for safe.
std::string last_line(const RunResult& result) {
  const auto cells = std::ranges::count(result.cells, Verdict::inconclusive, &CellResult::verdict);
  const auto experiments =
      std::ranges::count(result.experiments, Verdict::inconclusive, &ExperimentResult::verdict);
  std::vector<std::string> words;
  if (cells > 0) words.push_back(fmt::format("{} of {} cells", cells, result.cells.size()));
  if (experiments > 0)
    words.push_back(fmt::format("{} of {} experiments", experiments, result.experiments.size()));
  return words.empty() ? "" : fmt::format("inconclusive: {}\n", fmt::join(words, ", "));
}

}  // namespace

std::string short_number(double value) {
  const char* suffix = "";
  for (const char* next : {" k", " M", " G", " T"}) {
    if (value < 999.5) break;
    value /= 1000;
    suffix = next;
  }
  const int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f}{}", value, decimals, suffix);
}

std::string terminal_report(const RunResult& result, const TerminalStyle& style) {
  if (result.cells.empty() && !result.passport && result.experiments.empty())
    return result.interrupted ? "" : "no cells\n";
  const std::string one_node = one_node_text(result);
  const bool warns_first = one_node.ends_with("\n\n");
  return interrupted_text(result) + (warns_first ? one_node : "") + contradictions_text(result) +
         paragraph(fmt::format("npyrace {}: {} on {}, seed {}", result.environment.version,
                               fmt::join(result.scenarios, ", "), mounts_text(result.environment),
                               result.seed)) +
         option_notes_text(result.environment) + stripe_text(result.environment) +
         (warns_first ? "" : one_node) + cells_text(planned_part(result), style) +
         experiments_report(result.experiments) + drawn_text(result) + passport_text(result) +
         last_line(result);
}

}  // namespace npyrace
