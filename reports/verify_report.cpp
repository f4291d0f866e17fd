#include "reports/verify_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace npyrace {
namespace {

std::string anomalies_lines(const CellResult& cell) {
  std::string text;
  for (const AnomalyRow& row : anomaly_table())
    if (cell.anomalies[row.anomaly] > 0)
      text +=
          fmt::format("  {:>8} {:<10} {}\n", cell.anomalies[row.anomaly], row.name, row.summary);
  return text;
}

std::string file_report(const CellResult& cell) {
  if (cell.verdict == Verdict::failed) return "";  // told on standard error: see failures.h
  std::string text =
      fmt::format("{}: {}: {}\n", cell.file, verdict_name(cell.verdict), cell.reason);
  text += fmt::format("  {:>8} records checked, judged by {}\n", cell.evidence.records_checked,
                      cell.evidence.judge);
  text += anomalies_lines(cell);
  for (const Example& example : cell.examples) text += "  " + example_line(example) + "\n";
  return text;
}

}  // namespace

std::string example_line(const Example& example) {
  const std::string shared = example.unit_writers.size() > 1
                                 ? fmt::format("; unit {} is shared by writers {}", example.unit,
                                               fmt::join(example.unit_writers, ", "))
                                 : "";
  return fmt::format("{:<9} record {} of writer {} at byte {}: expected {}, found {}{}",
                     anomaly_name(example.anomaly), example.record, example.writer,
                     example.offset_bytes, example.expected, example.found, shared);
}

std::string verify_report(const RunResult& result) {
  std::string text;
  for (const CellResult& cell : result.cells) text += file_report(cell);
  return text;
}

}  // namespace npyrace
