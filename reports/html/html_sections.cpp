#include "reports/html/html_sections.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "reports/html/html_text.h"
#include "reports/text/advice_report.h"
#include "reports/text/cell_words.h"
#include "reports/text/run_sections.h"
#include "reports/text/terminal_report.h"
#include "reports/text/verify_report.h"

namespace npyrace {
namespace {

std::string as_table(const HtmlTable& table) {
  return "<details><summary>The same as a table</summary>\n" + table.text() + "</details>\n";
}

std::string paragraph(const char* css_class, const std::string& text) {
  return fmt::format("<p class=\"{}\">{}</p>\n", css_class, html_text(text));
}

/// A number as displayed, with its exact value.
HtmlField number(double value, const std::string& text) {
  return {text, value, "number"};
}
HtmlField rate(double value) {
  return number(value, short_number(value));
}
HtmlField seconds(double value) {
  return number(value, fmt::format("{:.3g} s", value));
}
HtmlField nothing() {
  return {"–"};
}

std::map<Verdict, std::size_t> verdicts(const RunResult& result) {
  std::map<Verdict, std::size_t> counts;
  for (const CellResult& cell : result.cells) ++counts[cell.verdict];
  for (const ExperimentResult& one : result.experiments)
    if (one.verdict) ++counts[*one.verdict];
  return counts;
}

/// The verdict in the headline: the most important one that occurs.
Verdict headline_verdict(const std::map<Verdict, std::size_t>& counts) {
  for (const Verdict verdict :
       {Verdict::unsafe, Verdict::failed, Verdict::inconclusive, Verdict::safe})
    if (counts.contains(verdict)) return verdict;
  return Verdict::skipped;
}

std::string headline(const RunResult& result) {
  const auto counts = verdicts(result);
  if (counts.empty()) return "";
  const Verdict worst = headline_verdict(counts);
  std::size_t all = 0;
  for (const auto& [verdict, number] : counts) all += number;
  const std::string of_what = result.cells.empty()        ? "experiments"
                              : all > result.cells.size() ? "cells and experiments"
                              : all == 1                  ? "cell"
                                                          : "cells";
  const char* what = worst == Verdict::unsafe         ? "lost, tore or misplaced records"
                     : worst == Verdict::failed       ? "could not be run to the end"
                     : worst == Verdict::inconclusive ? "could not be decided"
                     : worst == Verdict::safe         ? "kept every record"
                                                      : "cannot be run here";
  return fmt::format("<p class=\"headline {0}\"><strong>{0}</strong>: {1} of {2} {3} {4}</p>\n",
                     verdict_name(worst), counts.at(worst), all, of_what, what);
}

std::string badges(const RunResult& result) {
  std::string text;
  for (const auto& [verdict, cells] : verdicts(result))
    text += fmt::format("<li class=\"verdict {0}\">{1} {0}</li>\n", verdict_name(verdict), cells);
  return text.empty() ? "" : "<ul class=\"badges\">\n" + text + "</ul>\n";
}

std::string where(const Environment& environment) {
  std::vector<std::string> mounts;
  for (const MountResult& mount : environment.mounts)
    mounts.push_back(fmt::format("{} ({})", mount.dir, mount.fs_type));
  std::string text = environment.lab.empty() ? fmt::format("{}", fmt::join(mounts, " and "))
                                             : fmt::format("a lab of {} nodes, model {}",
                                                           mounts.size(), environment.lab);
  if (!environment.host_name.empty()) text += " · " + environment.host_name;
  if (!environment.kernel.empty()) text += " · " + environment.kernel;
  return text;
}

std::string price(const Recommendation& best) {
  std::vector<std::string> items;
  if (best.align_bytes > 0)
    items.push_back(fmt::format(
        "alignment: {} bytes; {:.4g} bytes of the file per record; the smallest safe one: {}",
        best.align_bytes, best.bytes_a_record,
        best.smallest_safe_bytes > 0 ? fmt::format("{} bytes", best.smallest_safe_bytes)
                                     : std::string("not known")));
  if (!best.fastest_unsafe.empty())
    items.push_back(fmt::format("the fastest unsafe way, {}, is {:.3g} times as fast",
                                best.fastest_unsafe, best.times_faster));
  return html_list("What it costs", items);
}

HtmlField interval_field(const CellResult& cell) {
  if (cell.seconds.size() < 2) return nothing();
  return {fmt::format("{} … {}", short_number(cell.records_per_second_interval.low),
                      short_number(cell.records_per_second_interval.high)),
          std::nullopt, "number"};
}

/// Titles and fields of the axes in which the cells differ.
struct Axes {
  explicit Axes(const RunResult& result) : shown(shown_axes(result.cells)) {}
  std::vector<std::string> titles(const std::vector<std::string>& more) const {
    std::vector<std::string> all;
    for (const CellAxis& axis : shown) all.emplace_back(axis.title);
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::vector<HtmlField> fields(const CellResult& cell, const std::vector<HtmlField>& more) const {
    std::vector<HtmlField> all;
    for (const CellAxis& axis : shown) all.push_back({axis.text(cell.cell)});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::vector<CellAxis> shown;
};

/// A table with a row for every cell for which `fields` returns something.
template <typename Fields>
HtmlTable cells_table(const RunResult& result, const char* caption,
                      const std::vector<std::string>& titles, Fields fields) {
  const Axes axes(result);
  HtmlTable table(caption, axes.titles(titles));
  for (std::size_t i = 0; i < result.cells.size(); ++i) {
    const std::vector<HtmlField> own = fields(result.cells[i]);
    if (!own.empty()) table.row(axes.fields(result.cells[i], own), static_cast<int>(i));
  }
  return table;
}

bool timed(const CellResult& cell) {
  return !cell.seconds.empty();
}

std::string tile_words(const PageMap& map, std::uint64_t first, std::uint64_t end,
                       std::uint64_t file_bytes) {
  return fmt::format("{} to {}", first * map.tile_bytes,
                     std::min(end * map.tile_bytes, file_bytes) - 1);
}

HtmlField writers_field(const TileRun& run) {
  if (run.writers.empty()) return {"nobody"};
  return {fmt::format("{}{}", fmt::join(run.writers, ", "), run.more_writers ? " and others" : "")};
}

std::uint64_t damage_in(const PageMap& map, std::uint64_t first, std::uint64_t end) {
  std::uint64_t records = 0;
  for (auto tile = map.damaged.lower_bound(first); tile != map.damaged.end() && tile->first < end;
       ++tile)
    records += tile->second;
  return records;
}

/// Consecutive tiles with the same writers that are all damaged or all intact.
std::string page_table(const CellResult& cell, const std::string& title, int number_of_cell) {
  const PageMap& map = cell.page_map;
  HtmlTable table("Pages of the file of: " + title, {"bytes", "writers", "damaged records"});
  std::uint64_t start = 0;
  for (const TileRun& run : map.owners) {
    for (std::uint64_t tile = start; tile < start + run.tiles;) {
      std::uint64_t end = tile + 1;
      while (end < start + run.tiles && map.damaged.contains(end) == map.damaged.contains(tile))
        ++end;
      table.row({{tile_words(map, tile, end, cell.file_bytes)},
                 writers_field(run),
                 count_field(damage_in(map, tile, end))},
                number_of_cell);
      tile = end;
    }
    start += run.tiles;
  }
  return table.text();
}

std::string evidence_words(const CellResult& cell) {
  const Evidence& seen = cell.evidence;
  std::string text =
      fmt::format("{} records checked in {} generations, judged by {}", seen.records_checked,
                  seen.generations, seen.judge.empty() ? "nobody" : seen.judge);
  if (!seen.judge_uncached) text += " (perhaps from a cache)";
  text += fmt::format(
      "; units shared by writers: {}, by mounts: {}; writers overlapped in {:.0f} % of generations, "
      "for {:.3g} s",
      seen.units_shared_by_writers, seen.units_shared_by_mounts, 100 * seen.overlapped_share,
      seen.overlap_seconds);
  text += fmt::format("; {} trials: a loss once in 1000 would be missed with {}", seen.trials,
                      chance_words(seen.chance_to_miss));
  return text;
}

std::string example_items(const CellResult& cell) {
  std::vector<std::string> lines;
  for (const Example& example : cell.examples) {
    std::string line = example_line(example);
    if (!example.overwritten_by.empty())
      line += fmt::format("; perhaps overwritten by writer {}",
                          fmt::join(example.overwritten_by, " or "));
    lines.push_back(line);
  }
  return html_list("Examples", lines);
}

std::string cell_details(const CellResult& cell, const std::string& title, int number_of_cell,
                         bool open) {
  std::string text = fmt::format(
      "<details class=\"cell\" data-cell=\"{0}\"{3}><summary><span class=\"verdict {1}\">{1}</span> {2}</summary>\n",
      number_of_cell, verdict_name(cell.verdict), html_text(title), open ? " open" : "");
  text += paragraph("", cell.reason) + paragraph("evidence", evidence_words(cell)) +
          example_items(cell);
  return text + paragraph("name", cell.cell.name) + "</details>\n";
}

std::string mounts_table(const Environment& environment) {
  HtmlTable table("Mounts", {"directory", "type", "options", "block", "promises", "source"});
  for (const MountResult& mount : environment.mounts)
    table.row({{mount.dir},
               {mount.fs_type},
               {mount.mount_options},
               count_field(mount.block_bytes),
               {mount.promise},
               {mount.source}});
  return table.empty() ? "" : table.text();
}

std::string references_table(const RunResult& result) {
  HtmlTable table("Reference speeds of this machine", {"reference", "bytes/s"});
  for (const ReferenceResult& reference : result.references)
    table.row({{reference.name}, rate(reference.bytes_per_second)});
  return table.empty() ? "" : table.text();
}

std::string labels_table(const RunResult& result) {
  HtmlTable table("Labels", {"label", "value"});
  for (const auto& [key, value] : result.labels) table.row({{key}, {value}});
  return table.empty() ? "" : table.text();
}

/// Collapsed by default: the program is longer than the rest of the recommendation.
std::string recipe_scripts(const Recipe& recipe) {
  std::string text;
  for (const RecipeScript& script : recipe)
    text += fmt::format(
        "<details class=\"script\"><summary>{}</summary><pre><code>{}</code></pre></details>\n",
        html_text(script.name), html_lines(script.text));
  return text.empty() ? "" : "<p>The NumPy program:</p>\n" + text;
}

}  // namespace

std::string html_head(const RunResult& result) {
  std::string text;
  for (const std::string& sentence : result.contradictions)
    text += paragraph("contradiction", "Contradiction: " + sentence);
  text += headline(result) + badges(result) + paragraph("where", where(result.environment));
  if (!result.cells.empty()) text += paragraph("where", common_axes(result.cells));
  return text;
}

std::string html_advice(const RunResult& result) {
  const Recommendation& best = result.recommendation;
  if (best.why.empty() || result.cells.empty()) return "";
  std::string text =
      fmt::format("<p><strong>{}</strong>: {}</p>\n",
                  html_text(best.cell.empty() ? "none" : advised_way(result)), html_text(best.why));
  if (!best.cell.empty()) text += paragraph("name", best.cell);
  text += price(best) + html_list("As fast, within the interval", best.ties);
  if (!best.numpy.empty())
    text += fmt::format("<p>NumPy: <code>{}</code></p>\n", html_text(best.numpy));
  text += html_list("Not known yet", best.missing) + recipe_scripts(best.recipe);
  return html_section("advice", "Recommendation", text);
}

std::string html_throughput(const RunResult& result) {
  const HtmlTable table =
      cells_table(result, "Records per second",
                  {"verdict", "records/s", "95 % interval", "repetitions", "anomalies"},
                  [](const CellResult& cell) -> std::vector<HtmlField> {
                    return {verdict_field(cell.verdict),
                            timed(cell) ? rate(cell.records_per_second) : nothing(),
                            interval_field(cell),
                            count_field(cell.seconds.size()),
                            {anomaly_words(cell, "–")}};
                  });
  if (table.empty()) return "";
  return html_section(
      "throughput", "How fast, and how safe",
      html_figure(
          "throughput-chart",
          "Records per second of each cell: the median (a cross where it is unsafe), its interval, and every repetition") +
          table.text());
}

std::string html_phases(const RunResult& result) {
  const HtmlTable table = cells_table(
      result, "Median seconds of a writer",
      {"open", "map", "first touch", "write", "sync", "close", "collect"},
      [](const CellResult& cell) -> std::vector<HtmlField> {
        if (!timed(cell)) return {};
        const PhaseSeconds& p = cell.phases;
        return {seconds(p.open), seconds(p.map),   seconds(p.first_touch), seconds(p.write),
                seconds(p.sync), seconds(p.close), seconds(p.collect)};
      });
  if (table.empty()) return "";
  return html_section(
      "phases", "Where the time goes",
      html_figure("phases-chart", "Share of each phase in the time of a writer, by cell") +
          as_table(table) +
          html_list("A record's time, by when its writer syncs", sync_costs(result.cells)));
}

std::string html_scaling(const RunResult& result) {
  std::vector<std::string> knees;
  for (const Scaling& scaling : result.scalings)
    knees.push_back(scaling_title(scaling) + ": " + scaling.reason);
  const auto writers = [](const CellResult& cell) { return cell.cell.writers; };
  const bool varied = std::ranges::adjacent_find(result.cells, std::ranges::not_equal_to(),
                                                 writers) != result.cells.end();
  if (!varied) return "";
  const HtmlTable table =
      cells_table(result, "Records per second by the number of writers", {"verdict", "records/s"},
                  [](const CellResult& cell) -> std::vector<HtmlField> {
                    if (!timed(cell)) return {};
                    return {verdict_field(cell.verdict), rate(cell.records_per_second)};
                  });
  return html_section(
      "scaling", "With more writers",
      html_figure("scaling-chart",
                  "Records per second by the number of writers, one line per way to write") +
          as_table(table) + html_list("Where more writers stop helping", knees));
}

std::string html_page_maps(const RunResult& result) {
  if (result.cells.empty()) return "";
  const std::vector<CellAxis> axes = shown_axes(result.cells);
  std::string tables;
  for (std::size_t i = 0; i < result.cells.size(); ++i)
    if (result.cells[i].page_map.tile_bytes > 0)
      tables += page_table(result.cells[i], cell_title(result.cells[i], axes), static_cast<int>(i));
  if (tables.empty()) return "";
  return html_section(
      "pages", "Which pages lost records",
      "<div id=\"page-map\" hidden></div>\n<details><summary>The same as tables</summary>\n" +
          tables + "</details>\n");
}

std::string html_cells(const RunResult& result) {
  if (result.cells.empty()) return "";
  const std::vector<CellAxis> axes = shown_axes(result.cells);
  // The first unsafe cell is expanded.
  const auto unsafe = std::ranges::find(result.cells, Verdict::unsafe, &CellResult::verdict);
  std::string text;
  for (std::size_t i = 0; i < result.cells.size(); ++i)
    text += cell_details(result.cells[i], cell_title(result.cells[i], axes), static_cast<int>(i),
                         unsafe != result.cells.end() && &*unsafe == &result.cells[i]);
  return html_section("cells", "Why", text);
}

std::string html_passport(const RunResult& result) {
  if (!result.passport) return "";
  HtmlTable table("By way of writing",
                  {"via", "sharing", "reader", "named", "visible after", "delay", "tries"});
  for (const PassportRow& row : result.passport->rows)
    table.row({{row.via},
               {row.sharing},
               {row.reader},
               {row.tries == 0 ? "–" : promise_name(row.named)},
               {row.tries == 0 ? row.problem : row.visible_after},
               seconds(row.delay_seconds),
               count_field(row.tries)});
  return html_section("passport", "Consistency passport",
                      fmt::format("<p><strong>{}</strong>: {} (between {})</p>\n",
                                  promise_name(result.passport->named),
                                  html_text(promise_meaning(result.passport->named)),
                                  html_text(result.passport->between)) +
                          table.text());
}

std::string html_environment(const RunResult& result) {
  const std::string text =
      mounts_table(result.environment) + references_table(result) + labels_table(result) +
      paragraph("where",
                fmt::format("npyrace {}, seed {}, pages of {} bytes", result.environment.version,
                            result.seed, result.environment.page_bytes));
  return html_section("environment", "Where this was measured", text);
}

}  // namespace npyrace
