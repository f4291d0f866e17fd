#include "reports/html/html_experiments.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/html/html_text.h"
#include "reports/text/experiments_report.h"

namespace npyrace {
namespace {

/// All experiments of a scenario have the same counts.
HtmlTable table_of(const std::string& scenario, const std::vector<ExperimentResult>& experiments) {
  const auto first = std::ranges::find(experiments, scenario, &ExperimentResult::scenario);
  std::vector<std::string> titles{"experiment", "verdict"};
  for (const auto& [word, number] : first->counts) titles.push_back(word);
  titles.emplace_back("what it means");
  HtmlTable table(scenario, titles);
  for (const ExperimentResult& one : experiments) {
    if (one.scenario != scenario) continue;
    std::vector<HtmlField> fields{{one.name},
                                  one.verdict ? verdict_field(*one.verdict) : HtmlField{"–"}};
    for (const auto& [word, number] : one.counts) fields.push_back(count_field(number));
    fields.push_back({one.reason});
    table.row(fields);
  }
  return table;
}

HtmlField seconds_field(double seconds) {
  return {short_seconds(seconds), seconds, "number"};
}

std::string examples_of(const std::vector<ExperimentResult>& experiments) {
  std::string text;
  for (const ExperimentResult& one : experiments)
    text += html_list(one.scenario + ": " + one.name, one.examples);
  return text;
}

}  // namespace

std::string html_experiments(const RunResult& result) {
  std::string text;
  std::vector<std::string> done;
  for (const ExperimentResult& one : result.experiments) {
    if (std::ranges::find(done, one.scenario) != done.end()) continue;
    done.push_back(one.scenario);
    text += table_of(one.scenario, result.experiments).text();
  }
  return html_section("experiments", "Experiments", text + examples_of(result.experiments));
}

std::string html_latencies(const RunResult& result) {
  HtmlTable table("Latencies", {"experiment", "what", "samples", "p50", "p90", "p99", "longest"});
  for (const ExperimentResult& one : result.experiments)
    for (const LatencyResult& latency : one.latencies)
      table.row({{one.name},
                 {latency.name},
                 count_field(latency.samples),
                 seconds_field(latency.p50_seconds),
                 seconds_field(latency.p90_seconds),
                 seconds_field(latency.p99_seconds),
                 seconds_field(latency.max_seconds)});
  if (table.empty()) return "";
  return html_section(
      "latencies", "How long single accesses take",
      html_figure("latencies-chart",
                  "Share of the samples by how long they took, one line a kind of access") +
          table.text());
}

}  // namespace npyrace
