#include "bench/launchers/job_record.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <ctime>
#include <random>

#include "bench/remote/clock_offset.h"
#include "bench/storage/race_file.h"
#include "core/array/stamp.h"
#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "core/os/stopwatch.h"
#include "reports/json/result_fields.h"

namespace npyrace {
namespace {

constexpr std::uint64_t kVersion = 1;

std::string when(std::int64_t ns_since_1970) {
  const std::time_t seconds = ns_since_1970 / 1'000'000'000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds));
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

static void describe(JsonFields& json, JobAttempt& attempt) {
  json("id", attempt.id);
  json("array_id", attempt.array_id);
  json("host_name", attempt.host_name);
  json("host", attempt.host);
  json("boot", attempt.boot);
  json("pid", attempt.pid);
  json("start_ticks", attempt.start_ticks);
  json.write_only("start", when(attempt.start_ns));
  json("start_ns", attempt.start_ns);
  json("stamp_seed", attempt.stamp_seed);
  json("generation", attempt.generation);
  json.check(attempt.generation <= kLastGeneration, "no such generation");
  json("number", attempt.number);
}

/// A time by any clock.
static void describe_time(JsonFields& json, const char* key, std::int64_t& ns) {
  json(key, ns);
  if (json.reads() && !is_time(ns)) json.wrong(kNoTime, key);
}

static void describe(JsonFields& json, ClockSighting& sighting) {
  json.elements(sighting.writer, sighting.there_ns, sighting.seen_ns);
  json.check(is_time(sighting.there_ns) && is_time(sighting.seen_ns), kNoTime);
}

namespace {

/// The part of a record that version 0.1 did not write.
struct Clocks {
  JobRecord& record;
};

void describe(JsonFields& json, Clocks& clocks) {
  JobRecord& record = clocks.record;
  json("clock", record.clock);
  describe_time(json, "offset_ns", record.clock_offset_ns);
  describe_time(json, "there_ns", record.there_ns);
  json("sightings", record.sightings);
  describe_time(json, "asked_ns", record.asked_ns);
  describe_time(json, "server_ns", record.server_ns);
  describe_time(json, "answered_ns", record.answered_ns);
}

/// The file of an attempt. The `attempt` of a finished one is in its JobRecord, too.
struct ClaimFile {
  JobAttempt attempt;
};

void describe(JsonFields& json, ClaimFile& file) {
  json.write_only("npyrace_claim", kVersion);
  json("attempt", file.attempt);
}

}  // namespace

static void describe(JsonFields& json, JobRecord& record) {
  json.version("npyrace_job", kVersion);
  json("worker", record.writer);
  json("workers", record.writers);
  json("version", record.version);
  json.write_only("host_name", record.attempt.host_name);
  json("cache", record.cache);
  json("strategy", record.strategy);
  json("sync", record.sync);
  json.write_only("acknowledged_generation", record.attempt.generation);
  json.write_only("stamp_seed", record.attempt.stamp_seed);
  json("records", record.records);
  json.write_only("start", when(record.start_ns));
  json.write_only("end", when(record.end_ns));
  describe_time(json, "start_ns", record.start_ns);
  describe_time(json, "write_start_ns", record.write_start_ns);
  describe_time(json, "written_ns", record.written_ns);
  describe_time(json, "write_end_ns", record.write_end_ns);
  describe_time(json, "end_ns", record.end_ns);
  json("phases", record.phases);
  json("present", record.present);
  json("met", record.met);
  Clocks clocks{record};
  json.added("clocks", clocks);
  json("attempt", record.attempt);
}

std::string to_text(const JobAttempt& attempt) {
  return json_file(ClaimFile{attempt}, NotUtf8::replaced);
}

std::string to_text(const JobRecord& record) {
  return json_file(record, NotUtf8::replaced);
}

std::optional<JobRecord> read_job_record(const std::string& path) {
  const auto text = read_small_text_file(path);
  if (!text) return std::nullopt;
  try {
    return from_json<JobRecord>(*text, Missing::refused);
  } catch (const FormatError& error) {
    throw FormatError(path + ": not a result of this npyrace's write: " + error.what());
  }
}

std::optional<JobAttempt> read_job_attempt(const std::string& path) {
  const auto text = read_small_text_file(path);
  if (!text) return std::nullopt;
  try {
    return from_json<ClaimFile>(*text, Missing::refused).attempt;
  } catch (const FormatError&) {
    return std::nullopt;
  }
}

std::string describe(const JobAttempt& attempt) {
  return fmt::format("process {} on {}, since {}", attempt.pid, attempt.host_name,
                     when(attempt.start_ns));
}

}  // namespace npyrace
