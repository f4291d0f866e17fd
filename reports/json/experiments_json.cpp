#include "reports/json/experiments_json.h"

#include <fmt/format.h>

namespace npyrace {
namespace {

Json to_json(const LatencyResult& latency) {
  Json json{{"name", latency.name},
            {"samples", latency.samples},
            {"p50_seconds", latency.p50_seconds},
            {"p90_seconds", latency.p90_seconds},
            {"p99_seconds", latency.p99_seconds},
            {"max_seconds", latency.max_seconds},
            {"histogram", Json::array()}};
  for (const LatencyBar& bar : latency.histogram)
    json["histogram"].push_back({{"from_seconds", bar.from_seconds},
                                 {"to_seconds", bar.to_seconds},
                                 {"samples", bar.samples}});
  return json;
}

Json to_json(const ExperimentResult& result) {
  Json json{{"scenario", result.scenario}, {"name", result.name}};
  if (result.verdict) json["verdict"] = verdict_name(*result.verdict);
  json["reason"] = result.reason;
  json["counts"] = Json::object();
  for (const auto& [name, count] : result.counts) json["counts"][name] = count;
  json["examples"] = result.examples;
  json["latencies"] = Json::array();
  for (const LatencyResult& latency : result.latencies)
    json["latencies"].push_back(to_json(latency));
  return json;
}

LatencyBar bar_at(const JsonPlace& place) {
  LatencyBar bar;
  place.read("from_seconds", bar.from_seconds);
  place.read("to_seconds", bar.to_seconds);
  place.read("samples", bar.samples);
  return bar;
}

LatencyResult latency_at(const JsonPlace& place) {
  LatencyResult latency;
  place.at("name").into(latency.name);
  place.read("samples", latency.samples);
  place.read("p50_seconds", latency.p50_seconds);
  place.read("p90_seconds", latency.p90_seconds);
  place.read("p99_seconds", latency.p99_seconds);
  place.read("max_seconds", latency.max_seconds);
  if (const auto histogram = place.find("histogram"))
    for (const JsonPlace& bar : histogram->elements()) latency.histogram.push_back(bar_at(bar));
  return latency;
}

void read_counts(const JsonPlace& place, ExperimentResult& result) {
  const auto counts = place.find("counts");
  if (!counts) return;
  if (!counts->json().is_object()) counts->wrong("an object is expected");
  for (const auto& [name, value] : counts->json().items())
    counts->at(name).into(result.counts.emplace_back(name, 0).second);
}

ExperimentResult experiment_at(const JsonPlace& place) {
  ExperimentResult result;
  place.at("scenario").into(result.scenario);
  place.at("name").into(result.name);
  if (const auto verdict = place.find("verdict")) result.verdict = verdict_at(*verdict);
  place.read("reason", result.reason);
  read_counts(place, result);
  place.read("examples", result.examples);
  if (const auto latencies = place.find("latencies"))
    for (const JsonPlace& latency : latencies->elements())
      result.latencies.push_back(latency_at(latency));
  return result;
}

}  // namespace

Json experiments_json(const std::vector<ExperimentResult>& experiments) {
  Json json = Json::array();
  for (const ExperimentResult& experiment : experiments) json.push_back(to_json(experiment));
  return json;
}

std::vector<ExperimentResult> experiments_at(const JsonPlace& place) {
  std::vector<ExperimentResult> experiments;
  for (const JsonPlace& element : place.elements()) experiments.push_back(experiment_at(element));
  return experiments;
}

Verdict verdict_at(const JsonPlace& place) {
  std::string name;
  place.into(name);
  for (const Verdict verdict :
       {Verdict::safe, Verdict::unsafe, Verdict::inconclusive, Verdict::failed, Verdict::skipped})
    if (name == verdict_name(verdict)) return verdict;
  place.wrong(fmt::format("'{}' is no verdict", name));
}

}  // namespace npyrace
