#include "reports/json/json_result.h"

#include <fmt/format.h>

#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "reports/json/experiments_json.h"
#include "reports/json/json_parts.h"
#include "reports/json/json_place.h"
#include "reports/json/json_report.h"

namespace npyrace {
namespace {

Promise promise_at(const JsonPlace& place) {
  std::string name;
  place.into(name);
  for (const PromiseRow& row : promise_table())
    if (name == row.name) return row.promise;
  place.wrong(fmt::format("'{}' is no promise", name));
}

/// Fills `values` from the array `key` if it exists, by one call of `read` per element.
template <typename Value>
void read_all(const JsonPlace& place, const char* key, std::vector<Value>& values,
              void (*read)(const JsonPlace&, Value&)) {
  const auto array = place.find(key);
  if (!array) return;
  for (const JsonPlace& element : array->elements()) read(element, values.emplace_back());
}

void read_into(const JsonPlace& place, CellDescription& cell) {
  place.at("name").into(cell.name);
  place.read("scenario", cell.scenario);
  place.read("strategy", cell.strategy);
  place.read("layout", cell.layout);
  place.read("align_bytes", cell.align_bytes);
  place.read("ownership", cell.ownership);
  place.read("sync", cell.sync);
  place.read("cache", cell.cache);
  place.read("launcher", cell.launcher);
  place.read("writers", cell.writers);
  place.read("mounts", cell.mounts);
  place.read("records", cell.records);
  place.read("record_bytes", cell.record_bytes);
  place.read("generations", cell.generations);
  place.read("descr", cell.descr);
  place.read("row_shape", cell.row_shape);
}

void read_into(const JsonPlace& place, Evidence& evidence) {
  place.read("records_checked", evidence.records_checked);
  place.read("generations", evidence.generations);
  evidence.generations_timed = evidence.generations;  // older versions had no held generations
  place.read("generations_timed", evidence.generations_timed);
  place.read("read_paths", evidence.read_paths);
  place.read("judge", evidence.judge);
  place.read("judge_uncached", evidence.judge_uncached);
  place.read("units_shared_by_writers", evidence.units_shared_by_writers);
  place.read("units_shared_by_mounts", evidence.units_shared_by_mounts);
  place.read("overlap_seconds", evidence.overlap_seconds);
  place.read("overlapped_share", evidence.overlapped_share);
  place.read("chance_of_mistake", evidence.chance_of_mistake);
  place.read("trials", evidence.trials);
  place.read("file_trials", evidence.file_trials);
  place.read("struck_file", evidence.struck_file);
  place.read("chance_to_miss", evidence.chance_to_miss);
}

void read_into(const JsonPlace& place, Attribution& attribution) {
  place.read("damaged", attribution.damaged);
  place.read("unexplained", attribution.unexplained);
  place.read("at_least_bytes", attribution.at_least_bytes);
  place.read("at_most_bytes", attribution.at_most_bytes);
  place.read("separating_bytes", attribution.separating_bytes);
  place.read("failing_bytes", attribution.failing_bytes);
}

void read_into(const JsonPlace& place, PhaseSeconds& phases) {
  place.read("open", phases.open);
  place.read("map", phases.map);
  place.read("first_touch", phases.first_touch);
  place.read("write", phases.write);
  place.read("sync", phases.sync);
  place.read("close", phases.close);
  place.read("collect", phases.collect);
}

void read_into(const JsonPlace& place, JobsResult& jobs) {
  place.read("workers", jobs.workers);
  place.read("missing", jobs.missing);
  place.read("unfinished", jobs.unfinished);
  place.read("hosts", jobs.hosts);
  place.read("met", jobs.met);
  place.read("clock_error_seconds", jobs.clock_error_seconds);
  place.read("incomparable_clocks", jobs.incomparable);
  if (jobs.missing.size() > jobs.workers) place.wrong("more jobs are missing than there are");
}

void read_into(const JsonPlace& place, Sighting& sighting) {
  place.read("kind", sighting.kind);
  place.read("record", sighting.record);
  place.read("writer", sighting.writer);
  place.read("found", sighting.found);
  place.read("before", sighting.before);
  place.read("view", sighting.view);
}

void read_into(const JsonPlace& place, ReadersResult& readers) {
  place.read("readers", readers.readers);
  place.read("scans", readers.scans);
  place.read("records_read", readers.records_read);
  place.read("torn", readers.torn);
  place.read("went_back", readers.went_back);
  place.read("other", readers.other);
  read_all(place, "examples", readers.examples, read_into);
  place.read("problems", readers.problems);
}

void read_into(const JsonPlace& place, Replay& replay) {
  place.read("seed", replay.seed);
  place.read("command", replay.command);
}

void read_into(const JsonPlace& place, AnomalyCounts& counts) {
  for (const AnomalyRow& row : anomaly_table()) place.read(row.name, counts[row.anomaly]);
}

void read_into(const JsonPlace& place, Interval& interval) {
  std::vector<double> ends;
  place.into(ends);
  if (ends.size() != 2) place.wrong("two numbers are expected");
  interval = {ends[0], ends[1]};
}

void read_into(const JsonPlace& place, Environment& environment);
void read_into(const JsonPlace& place, RanksResult& ranks);
void read_into(const JsonPlace& place, Passport& passport);
void read_into(const JsonPlace& place, Recommendation& recommendation);

/// Reads an optional nested object.
template <typename Value>
void read_part(const JsonPlace& place, const char* key, Value& value) {
  if (const auto part = place.find(key)) read_into(*part, value);
}

template <typename Value>
void read_part(const JsonPlace& place, const char* key, std::optional<Value>& value) {
  if (const auto part = place.find(key)) read_into(*part, value.emplace());
}

void read_into(const JsonPlace& place, CellResult& result) {
  read_into(place, result.cell);
  result.verdict = verdict_at(place.at("verdict"));
  place.read("reason", result.reason);
  read_part(place, "evidence", result.evidence);
  read_part(place, "anomalies", result.anomalies);
  place.read("unwritten", result.unwritten);
  read_all(place, "examples", result.examples, read_example);
  read_part(place, "attribution", result.attribution);
  if (const auto part = place.find("page_map")) read_page_map(*part, result.page_map);
  place.read("seconds", result.seconds);
  place.read("generation_seconds", result.generation_seconds);
  place.read("generation_cpu_seconds", result.generation_cpu_seconds);
  read_part(place, "phases", result.phases);
  place.read("records_per_second", result.records_per_second);
  read_part(place, "records_per_second_interval", result.records_per_second_interval);
  place.read("file_bytes", result.file_bytes);
  place.read("file", result.file);
  read_part(place, "jobs", result.jobs);
  read_part(place, "readers", result.readers);
  read_part(place, "replay", result.replay);
  if (result.readers) result.cell.readers = result.readers->readers;
}

void read_into(const JsonPlace& place, MountResult& mount) {
  place.read("dir", mount.dir);
  place.read("fs_type", mount.fs_type);
  place.read("mount_options", mount.mount_options);
  place.read("block_bytes", mount.block_bytes);
  place.read("promise", mount.promise);
  place.read("promised", mount.promised);
  place.read("source", mount.source);
  place.read("unit", mount.unit);
  place.read("one_node", mount.one_node);
  place.read("option_notes", mount.option_notes);
}

void read_into(const JsonPlace& place, RanksResult& ranks) {
  place.read("library", ranks.library);
  place.read("hosts", ranks.hosts);
}

void read_into(const JsonPlace& place, Environment& environment) {
  place.read("version", environment.version);
  read_all(place, "mounts", environment.mounts, read_into);
  place.read("page_bytes", environment.page_bytes);
  place.read("kernel", environment.kernel);
  place.read("host_name", environment.host_name);
  place.read("lab", environment.lab);
  read_part(place, "ranks", environment.ranks);
}

void read_into(const JsonPlace& place, Separation& separation) {
  place.read("strategy", separation.strategy);
  place.read("cache", separation.cache);
  place.read("sync", separation.sync);
  place.read("launcher", separation.launcher);
  place.read("writers", separation.writers);
  place.read("packed_safe", separation.packed_safe);
  place.read("alignments", separation.alignments);
  place.read("unsafe_up_to_bytes", separation.unsafe_up_to_bytes);
  place.read("safe_from_bytes", separation.safe_from_bytes);
}

void read_into(const JsonPlace& place, ScalingPoint& point) {
  place.read("writers", point.writers);
  place.read("records_per_second", point.records_per_second);
  read_part(place, "records_per_second_interval", point.records_per_second_interval);
  place.read("counts", point.counts);
}

void read_into(const JsonPlace& place, Scaling& scaling) {
  place.read("strategy", scaling.strategy);
  place.read("layout", scaling.layout);
  place.read("align_bytes", scaling.align_bytes);
  place.read("ownership", scaling.ownership);
  place.read("sync", scaling.sync);
  place.read("cache", scaling.cache);
  place.read("launcher", scaling.launcher);
  read_all(place, "points", scaling.points, read_into);
  place.read("knee_writers", scaling.knee_writers);
  place.read("reason", scaling.reason);
}

void read_into(const JsonPlace& place, ReferenceResult& reference) {
  place.read("name", reference.name);
  place.read("bytes", reference.bytes);
  place.read("seconds", reference.seconds);
  place.read("bytes_per_second", reference.bytes_per_second);
  place.read("problem", reference.problem);
}

void read_into(const JsonPlace& place, ActLook& look) {
  place.read("after", look.after);
  place.read("held", look.held);
  if (const auto opened = place.find("opened")) opened->into(look.opened.emplace());
  place.read("delay_seconds", look.delay_seconds);
}

void read_into(const JsonPlace& place, PassportRow& row) {
  place.read("via", row.via);
  place.read("sharing", row.sharing);
  row.named = promise_at(place.at("named"));
  place.read("visible_after", row.visible_after);
  place.read("reader", row.reader);
  place.read("delay_seconds", row.delay_seconds);
  place.read("tries", row.tries);
  read_all(place, "acts", row.acts, read_into);
  place.read("counter_examples", row.counter_examples);
  place.read("problem", row.problem);
  place.read("refused", row.refused);
}

void read_into(const JsonPlace& place, Passport& passport) {
  passport.named = promise_at(place.at("named"));
  place.read("between", passport.between);
  read_all(place, "rows", passport.rows, read_into);
}

void read_into(const JsonPlace& place, RecipeScript& script) {
  place.read("name", script.name);
  place.read("text", script.text);
}

void read_into(const JsonPlace& place, Recommendation& recommendation) {
  place.read("cell", recommendation.cell);
  place.read("why", recommendation.why);
  place.read("align_bytes", recommendation.align_bytes);
  place.read("numpy", recommendation.numpy);
  place.read("ties", recommendation.ties);
  place.read("smallest_safe_bytes", recommendation.smallest_safe_bytes);
  place.read("bytes_a_record", recommendation.bytes_a_record);
  place.read("fastest_unsafe", recommendation.fastest_unsafe);
  place.read("times_faster", recommendation.times_faster);
  place.read("missing", recommendation.missing);
  read_all<RecipeScript>(place, "recipe", recommendation.recipe, read_into);
}

void read_into(const JsonPlace& place, ProgramResult& program) {
  place.read("strategy", program.strategy);
  place.read("command", program.command);
}

void read_labels(const JsonPlace& place, std::map<std::string, std::string>& labels) {
  const auto object = place.find("labels");
  if (!object) return;
  if (!object->json().is_object()) object->wrong("an object is expected");
  for (const auto& [key, value] : object->json().items()) object->at(key).into(labels[key]);
}

void require_known_version(const JsonPlace& own) {
  std::uint64_t version = 0;
  own.at("schema_version").into(version);
  if (version == 0 || version > kSchemaVersion)
    own.wrong(
        fmt::format("schema version {} is not known here (1 to {} are): use the npyrace that "
                    "wrote it, or a newer one",
                    version, kSchemaVersion));
}

RunResult own_result(const JsonPlace& own) {
  require_known_version(own);
  RunResult result;
  read_part(own, "environment", result.environment);
  own.read("seed", result.seed);
  own.read("scenarios", result.scenarios);
  read_labels(own, result.labels);
  own.read("interrupted", result.interrupted);
  read_all(own, "programs", result.programs, read_into);
  own.at("cells");
  read_all(own, "cells", result.cells, read_into);
  read_all(own, "separations", result.separations, read_into);
  read_all(own, "scaling", result.scalings, read_into);
  read_all(own, "reference", result.references, read_into);
  read_part(own, "passport", result.passport);
  if (const auto place = own.find("experiments")) result.experiments = experiments_at(*place);
  own.read("contradictions", result.contradictions);
  read_part(own, "recommendation", result.recommendation);
  return result;
}

}  // namespace

RunResult parse_result(const std::string& text) {
  Json json = parse_json(text);
  if (!json.is_object() || !json.contains("npyrace"))
    throw FormatError(
        "JSON, but no result of npyrace: it has no key 'npyrace'; give what --json wrote");
  RunResult result = own_result(JsonPlace(json, "").at("npyrace"));
  json.erase("npyrace");
  result.google_benchmark_json = json.dump(2, ' ', false, Json::error_handler_t::replace);
  return result;
}

RunResult read_result_file(const std::string& path) {
  const std::string text = read_text_file(path);
  try {
    return parse_result(text);
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("{}: {}", path, error.what()));
  }
}

}  // namespace npyrace
