#include "reports/text/verify_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "reports/text/cell_words.h"
#include "reports/text/wrap.h"

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

std::string numbers(const std::vector<std::uint64_t>& all) {
  constexpr std::size_t kMost = 16;
  const std::vector<std::uint64_t> first(all.begin(), all.begin() + std::min(kMost, all.size()));
  return fmt::format("{}{}", fmt::join(first, ", "), all.size() > kMost ? ", …" : "");
}

std::string jobs_lines(const JobsResult& jobs) {
  std::string text =
      fmt::format("  {:>8} of {} workers have reported, on {}\n",
                  jobs.workers - jobs.missing.size(), jobs.workers,
                  jobs.hosts.empty() ? "no host" : fmt::format("{}", fmt::join(jobs.hosts, ", ")));
  if (!jobs.missing.empty())
    text += fmt::format("  missing (counted from 0): {}\n", numbers(jobs.missing));
  for (const std::string& attempt : jobs.unfinished)
    text += fmt::format("  began and did not report: {}\n", printable(attempt));
  for (const std::string& pair : jobs.met)
    text += fmt::format("  two jobs wrote one share at once: {}\n", printable(pair));
  if (jobs.clock_error_seconds > 0)
    text += fmt::format(
        "  clocks of the nodes differ by at most {:.3g} s, which is subtracted from the overlap\n",
        2 * jobs.clock_error_seconds);
  if (!jobs.incomparable.empty())
    text += fmt::format(
        "  the clock difference of {} is unknown, so their jobs do not count as overlapping: "
        "npyrace write --together SECONDS compares clocks\n",
        printable(fmt::format("{}", fmt::join(jobs.incomparable, ", "))));
  return text;
}

std::string file_report(const CellResult& cell) {
  if (cell.verdict == Verdict::failed) return "";  // printed on standard error by failure_lines
  std::string text =
      fmt::format("{}: {}: {}\n", cell.file, verdict_name(cell.verdict), cell.reason);
  text += fmt::format("  {:>8} records checked, judged by {}\n", cell.evidence.records_checked,
                      cell.evidence.judge);
  if (cell.unwritten > 0) text += fmt::format("  {:>8} unwritten\n", cell.unwritten);
  if (cell.jobs) text += jobs_lines(*cell.jobs);
  text += anomalies_lines(cell);
  for (const Example& example : cell.examples) text += "  " + example_line(example) + "\n";
  if (const std::string power = power_words({cell}); !power.empty()) text += "  " + power + "\n";
  return text;
}

}  // namespace

std::string example_line(const Example& example) {
  const bool is_shared = example.region == Region::record && example.unit_writers.size() > 1;
  const std::string shared = is_shared
                                 ? fmt::format("; unit {} is shared by writers {}", example.unit,
                                               fmt::join(example.unit_writers, ", "))
                                 : "";
  return fmt::format("{:<9} {} at byte {}: expected {}, found {}{}", anomaly_name(example.anomaly),
                     place_words(example), example.offset_bytes, example.expected, example.found,
                     shared);
}

std::string verify_report(const RunResult& result) {
  std::string text;
  for (const CellResult& cell : result.cells) text += file_report(cell);
  return printable_lines(text);  // paths, and names of hosts in job records, may be hostile
}

}  // namespace npyrace
