#include "reports/text/csv_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "reports/text/wrap.h"

namespace npyrace {
namespace {

using Row = std::vector<std::string>;

/// Spreadsheets take a field that begins so for a formula, also with quotes around it.
bool looks_like_a_formula(const std::string& text) {
  const bool begins = text.find_first_of("=+-@") == 0;
  return begins && text.find_first_not_of("0123456789.eE+-") != std::string::npos;
}

std::string field(const std::string& foreign) {
  std::string text = printable(foreign);
  if (looks_like_a_formula(text)) text.insert(0, "'");
  if (text.find_first_of(",\"") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string line(const Row& row) {
  std::string text;
  for (std::size_t i = 0; i < row.size(); ++i) text += (i > 0 ? "," : "") + field(row[i]);
  return text + "\n";
}

Row titles(const RunResult& result) {
  Row row{"name",
          "scenario",
          "strategy",
          "layout",
          "align_bytes",
          "ownership",
          "sync",
          "cache",
          "launcher",
          "writers",
          "mounts",
          "readers",
          "records",
          "record_bytes",
          "generations",
          "verdict",
          "reason",
          "records_per_second",
          "records_per_second_low",
          "records_per_second_high",
          "seconds",
          "unwritten",
          "file_bytes",
          "records_checked",
          "trials",
          "overlapped_share"};
  for (const AnomalyRow& anomaly : anomaly_table()) row.emplace_back(anomaly.name);
  for (const auto& [key, value] : result.labels) row.push_back("label:" + key);
  return row;
}

/// In the order of `titles`.
Row cell_row(const CellResult& result, const RunResult& run) {
  const CellDescription& cell = result.cell;
  const auto text = [](auto number) { return fmt::format("{}", number); };
  Row row{cell.name,
          cell.scenario,
          cell.strategy,
          cell.layout,
          text(cell.align_bytes),
          cell.ownership,
          cell.sync,
          cell.cache,
          cell.launcher,
          text(cell.writers),
          text(cell.mounts),
          text(cell.readers),
          text(cell.records),
          text(cell.record_bytes),
          text(cell.generations),
          verdict_name(result.verdict),
          result.reason,
          text(result.records_per_second),
          text(result.records_per_second_interval.low),
          text(result.records_per_second_interval.high),
          fmt::format("{}", fmt::join(result.seconds, " ")),
          text(result.unwritten),
          text(result.file_bytes),
          text(result.evidence.records_checked),
          text(result.evidence.trials),
          text(result.evidence.overlapped_share)};
  for (const AnomalyRow& anomaly : anomaly_table())
    row.push_back(text(result.anomalies[anomaly.anomaly]));
  for (const auto& [key, value] : run.labels) row.push_back(value);
  return row;
}

}  // namespace

std::string csv_report(const RunResult& result) {
  std::string text = line(titles(result));
  for (const CellResult& cell : result.cells) text += line(cell_row(cell, result));
  return text;
}

}  // namespace npyrace
