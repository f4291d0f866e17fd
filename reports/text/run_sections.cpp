#include "reports/text/run_sections.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <vector>

#include "reports/text/experiments_report.h"
#include "reports/text/table.h"
#include "reports/text/terminal_report.h"
#include "reports/text/wrap.h"

namespace npyrace {

std::string scaling_title(const Scaling& scaling) {
  std::string text = fmt::format("{}, {}", scaling.strategy, scaling.layout);
  if (scaling.layout != "packed") text += fmt::format(" at {} bytes", scaling.align_bytes);
  if (scaling.cache != "as-is") text += ", cache " + scaling.cache;
  return text + fmt::format(", {}, sync {}, {}", scaling.ownership, scaling.sync, scaling.launcher);
}

std::string scaling_points(const Scaling& scaling) {
  std::vector<std::string> words;
  for (const ScalingPoint& point : scaling.points)
    words.push_back(
        fmt::format("{}: {}", point.writers,
                    point.counts ? short_number(point.records_per_second) : "not safe"));
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string scaling_report(const std::vector<Scaling>& scalings) {
  std::string text;
  for (const Scaling& scaling : scalings)
    text += wrapped(
        fmt::format(
            "scaling: {}: records/s of writers {}: {}{}", scaling_title(scaling),
            scaling_points(scaling),
            scaling.knee_writers == 0 ? "" : fmt::format("knee at {}: ", scaling.knee_writers),
            scaling.reason),
        {.others = 2});
  return text.empty() ? "" : "\n" + text;
}

namespace {

std::string item(const char* title, const std::string& text) {
  constexpr std::size_t kTextColumn = 21;
  return fmt::format("    {:<{}}", title, kTextColumn - 4) +
         wrapped(printable(text), {.first = kTextColumn, .others = kTextColumn});
}

std::string about(const StrategyListing& listing) {
  return listing.name + "\n" + "  " + wrapped(listing.summary, {.first = 2, .others = 2}) +
         item("used by", listing.used_by) + item("guarantee", listing.guarantee) +
         item("weakness", listing.weakness) + item("acknowledged by", listing.acknowledged_by) +
         (listing.available ? "" : item("not here", listing.reason));
}

}  // namespace

std::string strategies_report(const std::string& dir,
                              const std::vector<StrategyListing>& listings) {
  std::string text;
  std::size_t missing = 0;
  for (const StrategyListing& listing : listings) {
    text += about(listing);
    missing += !listing.available;
  }
  return text + wrapped(fmt::format("{} of {} work in {}.", listings.size() - missing,
                                    listings.size(), printable(dir)),
                        {});
}

std::string strategies_json(const std::string& dir, const std::vector<StrategyListing>& listings) {
  nlohmann::ordered_json json{{"dir", dir}, {"strategies", nlohmann::ordered_json::array()}};
  for (const StrategyListing& listing : listings)
    json["strategies"].push_back({{"name", listing.name},
                                  {"summary", listing.summary},
                                  {"used_by", listing.used_by},
                                  {"guarantee", listing.guarantee},
                                  {"weakness", listing.weakness},
                                  {"acknowledged_by", listing.acknowledged_by},
                                  {"numpy", listing.numpy},
                                  {"available", listing.available},
                                  {"reason", listing.reason}});
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

namespace {

/// All axes except the sync policy.
auto way_of(const CellDescription& cell) {
  return std::tie(cell.scenario, cell.strategy, cell.layout, cell.align_bytes, cell.ownership,
                  cell.cache, cell.launcher, cell.writers, cell.mounts, cell.records,
                  cell.record_bytes, cell.readers);
}

bool timed(const CellResult& cell) {
  return cell.records_per_second > 0 && !cell.seconds.empty();
}

std::string title_of(const CellDescription& cell) {
  std::string text = fmt::format("{}, {}", cell.strategy, cell.layout);
  if (cell.layout != "packed") text += fmt::format(" at {} bytes", cell.align_bytes);
  text += ", " + cell.ownership;
  if (cell.cache != "as-is") text += ", cache " + cell.cache;
  return text + fmt::format(", {} {} writers", cell.writers, cell.launcher);
}

std::string cost_of(const CellResult& cell) {
  const double seconds = static_cast<double>(cell.cell.writers) / cell.records_per_second;
  return fmt::format("{} {}", cell.cell.sync, short_seconds(seconds));
}

}  // namespace

std::vector<std::string> sync_costs(const std::vector<CellResult>& cells) {
  std::vector<std::string> lines;
  for (auto first = cells.begin(); first != cells.end(); ++first) {
    const auto alike = [&](const CellResult& cell) {
      return timed(cell) && way_of(cell.cell) == way_of(first->cell);
    };
    if (!timed(*first) || std::any_of(cells.begin(), first, alike)) continue;
    std::vector<std::string> costs;
    for (auto cell = first; cell != cells.end(); ++cell)
      if (alike(*cell)) costs.push_back(cost_of(*cell));
    if (costs.size() > 1)
      lines.push_back(fmt::format("{}: {}", title_of(first->cell), fmt::join(costs, ", ")));
  }
  return lines;
}

std::string sync_cost_report(const std::vector<CellResult>& cells) {
  std::string text;
  for (const std::string& line : sync_costs(cells))
    text += wrapped("time of a record by sync: " + line, {.others = 2});
  return text.empty() ? "" : "\n" + text;
}

namespace {

std::string introduction(const Passport& passport) {
  if (passport.between == "mounts")
    return paragraph("semantics: what others see of a write, tried between mounts");
  return paragraph(
      "semantics: what others see of a write, tried between processes on one mount (one page "
      "cache): says nothing about nodes");
}

/// Milliseconds or seconds, with one decimal.
std::string seconds_text(double seconds) {
  return seconds < 1 ? fmt::format("{:.1f} ms", seconds * 1000) : fmt::format("{:.1f} s", seconds);
}

TableRow line_of(const PassportRow& row) {
  TableRow line{row.via, row.sharing, row.reader, "-", "-", "-", std::to_string(row.tries)};
  if (row.tries == 0) return line;
  line[3] = promise_name(row.named);
  line[4] = row.visible_after;
  line[5] = (row.visible_after == "never" ? "> " : "") + seconds_text(row.delay_seconds);
  return line;
}

std::string table(const Passport& passport) {
  std::vector<TableRow> rows{
      {"via", "sharing", "reader", "named", "visible after", "delay", "tries"}};
  for (const PassportRow& row : passport.rows) rows.push_back(line_of(row));
  return aligned_table(std::move(rows));
}

std::string title(const PassportRow& row) {
  return fmt::format("{}, {}, {}", row.via, row.sharing, row.reader);
}

/// Problems of all rows, but counterexamples of a fresh reader only, which neither writes nor keeps
/// the file open: guarantees refer to it. The JSON contains the others.
std::string notes(const Passport& passport) {
  std::string text;
  std::set<std::string> told;  // equal notes except for the file name are printed once
  for (const PassportRow& row : passport.rows) {
    if (row.reader == "fresh" && !row.counter_examples.empty())
      text += paragraph(fmt::format("{} ({}): {}", promise_name(row.named), title(row),
                                    row.counter_examples.back()));
    const std::string kind = row.via + row.problem.substr(row.problem.find(": ") + 1);
    if (!row.problem.empty() && told.insert(kind).second)
      text += paragraph(
          fmt::format("{} ({}): {}", row.refused ? "refused" : "failed", title(row), row.problem));
  }
  return text.empty() ? "" : "\n" + text;
}

bool enough(const ActObservation& look) {
  return look.held || look.opened.value_or(false);
}

/// The acts, each alone, that made the write visible to a fresh reader.
std::string acts_text(const Passport& passport) {
  std::string text;
  for (const PassportRow& row : passport.rows) {
    if (row.reader != "fresh" || row.sharing != "own-pages" || row.tries == 0) continue;
    std::vector<std::string> words;
    for (const ActObservation& look : row.acts)
      if (enough(look)) words.push_back(look.held ? look.after : look.after + " + open");
    if (words.empty()) words.push_back("nothing at once");
    text += paragraph(
        fmt::format("made visible by, each alone ({}): {}", row.via, fmt::join(words, ", ")));
  }
  return text.empty() ? "" : "\n" + text;
}

std::string last_line(const Passport& passport) {
  const bool tried =
      std::ranges::any_of(passport.rows, [](const auto& row) { return row.tries > 0; });
  if (!tried) return "passport: none seen - nothing could be tried\n";
  return fmt::format("passport: {} - {}\n", promise_name(passport.named),
                     promise_meaning(passport.named));
}

}  // namespace

std::string passport_report(const Passport& passport) {
  return introduction(passport) + "\n" + table(passport) + notes(passport) + acts_text(passport) +
         "\n" + last_line(passport);
}

}  // namespace npyrace
