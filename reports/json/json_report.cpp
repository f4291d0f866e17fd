#include "reports/json/json_report.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "reports/json/experiments_json.h"
#include "reports/json/json_parts.h"

namespace npyrace {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Evidence& evidence) {
  return {{"records_checked", evidence.records_checked},
          {"generations", evidence.generations},
          {"generations_timed", evidence.generations_timed},
          {"read_paths", evidence.read_paths},
          {"judge", evidence.judge},
          {"judge_uncached", evidence.judge_uncached},
          {"units_shared_by_writers", evidence.units_shared_by_writers},
          {"units_shared_by_mounts", evidence.units_shared_by_mounts},
          {"overlap_seconds", evidence.overlap_seconds},
          {"overlapped_share", evidence.overlapped_share},
          {"chance_of_mistake", evidence.chance_of_mistake},
          {"trials", evidence.trials},
          {"file_trials", evidence.file_trials},
          {"struck_file", evidence.struck_file},
          {"chance_to_miss", evidence.chance_to_miss}};
}

Json to_json(const AnomalyCounts& counts) {
  Json json = Json::object();
  for (const AnomalyRow& row : anomaly_table()) json[row.name] = counts[row.anomaly];
  return json;
}

Json to_json(const Attribution& attribution) {
  return {{"damaged", attribution.damaged},
          {"unexplained", attribution.unexplained},
          {"at_least_bytes", attribution.at_least_bytes},
          {"at_most_bytes", attribution.at_most_bytes},
          {"separating_bytes", attribution.separating_bytes},
          {"failing_bytes", attribution.failing_bytes}};
}

Json to_json(const Separation& separation) {
  return {{"strategy", separation.strategy},
          {"cache", separation.cache},
          {"sync", separation.sync},
          {"launcher", separation.launcher},
          {"writers", separation.writers},
          {"packed_safe", separation.packed_safe},
          {"alignments", separation.alignments},
          {"unsafe_up_to_bytes", separation.unsafe_up_to_bytes},
          {"safe_from_bytes", separation.safe_from_bytes}};
}

Json to_json(const ScalingPoint& point) {
  return {{"writers", point.writers},
          {"records_per_second", point.records_per_second},
          {"records_per_second_interval",
           {point.records_per_second_interval.low, point.records_per_second_interval.high}},
          {"counts", point.counts}};
}

Json to_json(const Scaling& scaling) {
  Json json{{"strategy", scaling.strategy},
            {"layout", scaling.layout},
            {"align_bytes", scaling.align_bytes},
            {"ownership", scaling.ownership},
            {"sync", scaling.sync},
            {"cache", scaling.cache},
            {"launcher", scaling.launcher},
            {"points", Json::array()}};
  for (const ScalingPoint& point : scaling.points) json["points"].push_back(to_json(point));
  json["knee_writers"] = scaling.knee_writers;
  json["reason"] = scaling.reason;
  return json;
}

Json description(const CellDescription& cell) {
  return {{"name", cell.name},
          {"scenario", cell.scenario},
          {"strategy", cell.strategy},
          {"layout", cell.layout},
          {"align_bytes", cell.align_bytes},
          {"ownership", cell.ownership},
          {"sync", cell.sync},
          {"cache", cell.cache},
          {"launcher", cell.launcher},
          {"writers", cell.writers},
          {"mounts", cell.mounts},
          {"records", cell.records},
          {"record_bytes", cell.record_bytes},
          {"generations", cell.generations},
          {"descr", cell.descr},
          {"row_shape", cell.row_shape}};
}

Json to_json(const JobsResult& jobs) {
  return {{"workers", jobs.workers},
          {"missing", jobs.missing},
          {"unfinished", jobs.unfinished},
          {"hosts", jobs.hosts},
          {"met", jobs.met},
          {"clock_error_seconds", jobs.clock_error_seconds},
          {"incomparable_clocks", jobs.incomparable}};
}

Json to_json(const Sighting& sighting) {
  return {{"kind", sighting.kind},   {"record", sighting.record}, {"writer", sighting.writer},
          {"found", sighting.found}, {"before", sighting.before}, {"view", sighting.view}};
}

Json to_json(const ReadersResult& readers) {
  Json json{{"readers", readers.readers},
            {"scans", readers.scans},
            {"records_read", readers.records_read},
            {"torn", readers.torn},
            {"went_back", readers.went_back},
            {"other", readers.other},
            {"torn_per_million", readers.per_million(readers.torn)},
            {"went_back_per_million", readers.per_million(readers.went_back)},
            {"examples", Json::array()}};
  for (const Sighting& sighting : readers.examples) json["examples"].push_back(to_json(sighting));
  json["problems"] = readers.problems;
  return json;
}

Json to_json(const CellResult& result) {
  Json json = description(result.cell);
  json["verdict"] = verdict_name(result.verdict);
  json["reason"] = result.reason;
  json["evidence"] = to_json(result.evidence);
  json["anomalies"] = to_json(result.anomalies);
  json["unwritten"] = result.unwritten;
  json["examples"] = Json::array();
  for (const Example& example : result.examples)
    json["examples"].push_back(example_to_json(example));
  if (result.attribution.damaged > 0) json["attribution"] = to_json(result.attribution);
  if (result.page_map.tile_bytes > 0) json["page_map"] = page_map_to_json(result.page_map);
  json["seconds"] = result.seconds;
  if (!result.generation_seconds.empty()) json["generation_seconds"] = result.generation_seconds;
  if (!result.generation_cpu_seconds.empty())
    json["generation_cpu_seconds"] = result.generation_cpu_seconds;
  json["phases"] = phases_to_json(result.phases);
  json["records_per_second"] = result.records_per_second;
  json["records_per_second_interval"] = {result.records_per_second_interval.low,
                                         result.records_per_second_interval.high};
  json["file_bytes"] = result.file_bytes;
  if (!result.file.empty()) json["file"] = result.file;
  if (result.jobs) json["jobs"] = to_json(*result.jobs);
  if (result.readers) json["readers"] = to_json(*result.readers);
  if (result.replay)
    json["replay"] = {{"seed", result.replay->seed}, {"command", result.replay->command}};
  return json;
}

Json to_json(const Environment& environment) {
  Json json{{"version", environment.version},
            {"mounts", Json::array()},
            {"page_bytes", environment.page_bytes},
            {"kernel", environment.kernel},
            {"host_name", environment.host_name}};
  if (!environment.lab.empty()) json["lab"] = environment.lab;
  if (environment.ranks)
    json["ranks"] = {{"library", environment.ranks->library}, {"hosts", environment.ranks->hosts}};
  for (const MountResult& mount : environment.mounts)
    json["mounts"].push_back({{"dir", mount.dir},
                              {"fs_type", mount.fs_type},
                              {"one_node", mount.one_node},
                              {"mount_options", mount.mount_options},
                              {"block_bytes", mount.block_bytes},
                              {"promise", mount.promise},
                              {"promised", mount.promised},
                              {"source", mount.source},
                              {"unit", mount.unit},
                              {"option_notes", mount.option_notes}});
  return json;
}

Json to_json(const ReferenceResult& reference) {
  Json json{{"name", reference.name},
            {"bytes", reference.bytes},
            {"seconds", reference.seconds},
            {"bytes_per_second", reference.bytes_per_second}};
  if (!reference.problem.empty()) json["problem"] = reference.problem;
  return json;
}

Json to_json(const ActLook& look) {
  Json json{{"after", look.after}, {"held", look.held}};
  if (look.opened) json["opened"] = *look.opened;
  json["delay_seconds"] = look.delay_seconds;
  return json;
}

Json to_json(const PassportRow& row) {
  Json json{{"via", row.via},
            {"sharing", row.sharing},
            {"named", promise_name(row.named)},
            {"visible_after", row.visible_after},
            {"reader", row.reader},
            {"delay_seconds", row.delay_seconds},
            {"tries", row.tries},
            {"acts", Json::array()},
            {"counter_examples", row.counter_examples}};
  for (const ActLook& look : row.acts) json["acts"].push_back(to_json(look));
  if (!row.problem.empty()) {
    json["problem"] = row.problem;
    json["refused"] = row.refused;
  }
  return json;
}

Json to_json(const Passport& passport) {
  Json json{{"named", promise_name(passport.named)},
            {"meaning", promise_meaning(passport.named)},
            {"between", passport.between},
            {"rows", Json::array()}};
  for (const PassportRow& row : passport.rows) json["rows"].push_back(to_json(row));
  return json;
}

Json to_json(const Recipe& recipe) {
  Json json = Json::array();
  for (const RecipeScript& script : recipe)
    json.push_back({{"name", script.name}, {"text", script.text}});
  return json;
}

Json to_json(const Recommendation& recommendation) {
  return {{"cell", recommendation.cell},
          {"why", recommendation.why},
          {"align_bytes", recommendation.align_bytes},
          {"numpy", recommendation.numpy},
          {"ties", recommendation.ties},
          {"smallest_safe_bytes", recommendation.smallest_safe_bytes},
          {"bytes_a_record", recommendation.bytes_a_record},
          {"fastest_unsafe", recommendation.fastest_unsafe},
          {"times_faster", recommendation.times_faster},
          {"missing", recommendation.missing},
          {"recipe", to_json(recommendation.recipe)}};
}

Json own_part(const RunResult& result) {
  Json json{{"schema_version", kSchemaVersion},
            {"environment", to_json(result.environment)},
            {"seed", result.seed},
            {"scenarios", result.scenarios},
            {"labels", Json(result.labels)},
            {"interrupted", result.interrupted},
            {"programs", Json::array()},
            {"cells", Json::array()},
            {"reference", Json::array()}};
  for (const ProgramResult& program : result.programs)
    json["programs"].push_back({{"strategy", program.strategy}, {"command", program.command}});
  for (const CellResult& cell : result.cells) json["cells"].push_back(to_json(cell));
  json["separations"] = Json::array();
  for (const Separation& separation : result.separations)
    json["separations"].push_back(to_json(separation));
  if (!result.scalings.empty()) json["scaling"] = Json::array();
  for (const Scaling& scaling : result.scalings) json["scaling"].push_back(to_json(scaling));
  for (const ReferenceResult& reference : result.references)
    json["reference"].push_back(to_json(reference));
  if (result.passport) json["passport"] = to_json(*result.passport);
  if (!result.experiments.empty()) json["experiments"] = experiments_json(result.experiments);
  json["contradictions"] = result.contradictions;
  json["recommendation"] = to_json(result.recommendation);
  return json;
}

}  // namespace

std::string json_report(const RunResult& result) {
  try {
    Json json = Json::parse(result.google_benchmark_json);
    json["npyrace"] = own_part(result);
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  } catch (const Json::exception& error) {
    throw FormatError(std::string("Google Benchmark's JSON: ") + error.what());
  }
}

}  // namespace npyrace
