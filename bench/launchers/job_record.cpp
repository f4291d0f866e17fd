#include "bench/launchers/job_record.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>

#include "bench/storage/race_file.h"
#include "core/base/error.h"
#include "core/os/stopwatch.h"
#include "reports/json/json_parts.h"
#include "reports/json/json_place.h"

namespace npyrace {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;

std::string when(std::int64_t ns_since_1970) {
  const std::time_t seconds = ns_since_1970 / 1'000'000'000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds));
}

Json to_json(const JobAttempt& attempt) {
  return {{"id", attempt.id},
          {"array_id", attempt.array_id},
          {"host_name", attempt.host_name},
          {"host", attempt.host},
          {"boot", attempt.boot},
          {"pid", attempt.pid},
          {"start_ticks", attempt.start_ticks},
          {"start", when(attempt.start_ns)},
          {"start_ns", attempt.start_ns},
          {"stamp_seed", attempt.stamp_seed},
          {"generation", attempt.generation},
          {"number", attempt.number}};
}

JobAttempt attempt_from(const Json& json) {
  return {.id = json.at("id"),
          .array_id = json.at("array_id"),
          .host_name = json.at("host_name"),
          .host = json.at("host"),
          .boot = json.at("boot"),
          .pid = json.at("pid"),
          .start_ticks = json.at("start_ticks"),
          .start_ns = json.at("start_ns"),
          .stamp_seed = json.at("stamp_seed"),
          .generation = json.at("generation"),
          .number = json.at("number")};
}

Json to_json(const std::vector<ClockSighting>& sightings) {
  Json json = Json::array();
  for (const ClockSighting& one : sightings)
    json.push_back({one.writer, one.there_ns, one.seen_ns});
  return json;
}

Json clocks_to_json(const JobRecord& record) {
  return {{"clock", record.clock},
          {"offset_ns", record.clock_offset_ns},
          {"there_ns", record.there_ns},
          {"sightings", to_json(record.sightings)},
          {"asked_ns", record.asked_ns},
          {"server_ns", record.server_ns},
          {"answered_ns", record.answered_ns}};
}

void clocks_from(const Json& json, JobRecord& record) {
  record.clock = json.at("clock");
  record.clock_offset_ns = json.at("offset_ns");
  record.there_ns = json.at("there_ns");
  for (const Json& one : json.at("sightings"))
    record.sightings.push_back({.writer = one.at(0), .there_ns = one.at(1), .seen_ns = one.at(2)});
  record.asked_ns = json.at("asked_ns");
  record.server_ns = json.at("server_ns");
  record.answered_ns = json.at("answered_ns");
}

JobRecord record_from(const Json& json) {
  JobRecord record{.attempt = attempt_from(json.at("attempt")),
                   .writer = json.at("worker"),
                   .writers = json.at("workers"),
                   .version = json.at("version"),
                   .cache = json.at("cache"),
                   .strategy = json.at("strategy"),
                   .sync = json.at("sync"),
                   .records = json.at("records"),
                   .start_ns = json.at("start_ns"),
                   .write_start_ns = json.at("write_start_ns"),
                   .written_ns = json.at("written_ns"),
                   .write_end_ns = json.at("write_end_ns"),
                   .end_ns = json.at("end_ns"),
                   .phases = phases_from_json(json.at("phases")),
                   .present = json.at("present"),
                   .met = json.at("met").get<std::vector<std::string>>()};
  if (json.contains("clocks")) clocks_from(json.at("clocks"), record);  // missing in version 0.1
  return record;
}

std::optional<std::string> content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    if (!std::filesystem::exists(path)) return std::nullopt;
    throw SystemError({path, "open"}, errno != 0 ? errno : EIO);
  }
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

JobAttempt this_attempt() {
  const RaceFileOwner self = this_process();
  utsname system{};
  ::uname(&system);
  std::random_device random;
  const std::int64_t now_ns = realtime_ns();
  return {.id = fmt::format("{:x}-{:08x}{:08x}", now_ns, random(), random()),
          .host_name = system.nodename,
          .host = self.host,
          .boot = self.boot,
          .pid = self.pid,
          .start_ticks = self.start_ticks,
          .start_ns = now_ns};
}

std::string to_text(const JobAttempt& attempt) {
  return Json{{"npyrace_claim", kVersion}, {"attempt", to_json(attempt)}}.dump(2) + "\n";
}

std::string to_text(const JobRecord& record) {
  const Json json{{"npyrace_job", kVersion},
                  {"worker", record.writer},
                  {"workers", record.writers},
                  {"version", record.version},
                  {"host_name", record.attempt.host_name},
                  {"cache", record.cache},
                  {"strategy", record.strategy},
                  {"sync", record.sync},
                  {"acknowledged_generation", record.attempt.generation},
                  {"stamp_seed", record.attempt.stamp_seed},
                  {"records", record.records},
                  {"start", when(record.start_ns)},
                  {"end", when(record.end_ns)},
                  {"start_ns", record.start_ns},
                  {"write_start_ns", record.write_start_ns},
                  {"written_ns", record.written_ns},
                  {"write_end_ns", record.write_end_ns},
                  {"end_ns", record.end_ns},
                  {"phases", phases_to_json(record.phases)},
                  {"present", record.present},
                  {"met", record.met},
                  {"clocks", clocks_to_json(record)},
                  {"attempt", to_json(record.attempt)}};
  return json.dump(2) + "\n";
}

std::optional<JobRecord> read_job_record(const std::string& path) {
  const auto text = content_of(path);
  if (!text) return std::nullopt;
  try {
    const Json json = Json::parse(*text);
    if (json.at("npyrace_job").get<int>() != kVersion)
      throw FormatError(path + ": a result of another version of npyrace");
    return record_from(json);
  } catch (const Json::exception& error) {
    throw FormatError(path + ": not a result of npyrace write: " + words_of(error));
  }
}

std::optional<JobAttempt> read_job_attempt(const std::string& path) {
  const auto text = content_of(path);
  if (!text) return std::nullopt;
  try {
    return attempt_from(Json::parse(*text).at("attempt"));
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::string describe(const JobAttempt& attempt) {
  return fmt::format("process {} on {}, since {}", attempt.pid, attempt.host_name,
                     when(attempt.start_ns));
}

}  // namespace npyrace
