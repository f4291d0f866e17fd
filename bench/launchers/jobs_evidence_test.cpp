#include "bench/launchers/jobs_evidence.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "bench/storage/job_folder.h"
#include "core/base/error.h"
#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using npyrace::testing::TemporaryFolder;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

Sidecar array_of_three() {
  return {.array = {.records = 90, .writers = 3}, .stamp_seed = 5, .generation = 1, .id = "mine"};
}

struct Times {
  std::int64_t start_seconds = 0;
  std::int64_t end_seconds = 0;
};

JobRecord record(std::uint64_t writer, unsigned generation, const std::string& cache, Times times) {
  JobRecord record{.writer = writer, .writers = 3, .cache = cache, .strategy = "pwrite"};
  record.attempt = {.id = "id" + std::to_string(writer) + "-" + std::to_string(generation),
                    .array_id = "mine",
                    .host_name = "node" + cache,
                    .stamp_seed = 5,
                    .generation = generation};
  record.start_ns = record.write_start_ns = times.start_seconds * kSecond;
  record.end_ns = record.write_end_ns = record.written_ns = times.end_seconds * kSecond;
  record.clock = "boot";
  return record;
}

/// An array's folder with job records and claims.
struct Beside {
  TemporaryFolder folder;
  std::string array = folder.file("a.npy");
  Beside() { make_job_folder(array); }
  void leave(const JobRecord& record) const {
    std::ofstream(job_record_path(array, record.writer)) << to_text(record);
    claim(record.writer, record.attempt);
  }
  void claim(std::uint64_t writer, const JobAttempt& attempt) const {
    std::ofstream(job_claim_path(array, writer)) << to_text(attempt);
  }
  JobsSeen seen() const { return look_at_jobs(array, array_of_three()); }
};

}  // namespace

TEST_CASE("a job record is read back unchanged", "[jobs]") {
  const Beside beside;
  JobRecord written = record(1, 2, "a", {3, 5});
  written.met = {"process 5"};
  written.phases.sync = 0.25;
  beside.leave(written);
  const auto read = read_job_record(job_record_path(beside.array, 1));
  REQUIRE(read);
  CHECK(to_text(*read) == to_text(written));
}

TEST_CASE("a job record with a number that does not fit is refused by file and key", "[jobs]") {
  const Beside beside;
  const std::string path = job_record_path(beside.array, 1);
  const std::string text = to_text(record(1, 2, "a", {3, 5}));
  for (const char* wrong : {"3.25e20", "-1", "1.5", "\"90\""}) {
    INFO(wrong);
    std::string changed = text;
    const std::string right = "\"records\": 0";
    REQUIRE(changed.find(right) != std::string::npos);
    changed.replace(changed.find(right), right.size(), std::string("\"records\": ") + wrong);
    std::ofstream(path) << changed;
    CHECK_THROWS_AS(read_job_record(path), FormatError);
    CHECK_THROWS_WITH(read_job_record(path),
                      Catch::Matchers::StartsWith(path) &&
                          Catch::Matchers::ContainsSubstring("records: a whole number") &&
                          !Catch::Matchers::ContainsSubstring("json.exception"));
  }
}

TEST_CASE("a job record with a time or a generation that cannot be is refused", "[jobs]") {
  const Beside beside;
  const std::string path = job_record_path(beside.array, 1);
  const auto refused = [&](const std::string& key, const char* value, const char* words) {
    std::string text = to_text(record(1, 2, "a", {3, 5}));
    const std::size_t at = text.find('"' + key + '"');
    REQUIRE(at != std::string::npos);
    text.replace(at, text.find_first_of(",\n", at) - at, fmt::format("\"{}\": {}", key, value));
    std::ofstream(path) << text;
    CHECK_THROWS_WITH(read_job_record(path), Catch::Matchers::EndsWith(words));
  };
  refused("there_ns", "9223372036854775807", "clocks.there_ns: no clock shows such a time");
  refused("end_ns", "-9223372036854775808", ": end_ns: no clock shows such a time");
  refused("generation", "251", ": attempt: no such generation");
}

TEST_CASE("a job record of version 0.1, without clocks and collect, is read", "[jobs]") {
  const Beside beside;
  const std::string path = job_record_path(beside.array, 1);
  std::string text = to_text(record(1, 2, "a", {3, 5}));
  const std::size_t clocks = text.find("\"clocks\"");
  text.erase(clocks, text.find("\"attempt\"") - clocks);
  const std::size_t collect = text.find(",\n    \"collect\"");
  text.erase(collect, text.find("\n  }", collect) - collect);
  std::ofstream(path) << text;
  CHECK(read_job_record(path)->clock.empty());
}

TEST_CASE("without job records every writer may have written or not", "[jobs]") {
  const Beside beside;
  CHECK_FALSE(beside.seen().any());
  const Expectation expectation = expectation_of(array_of_three(), beside.seen());
  REQUIRE(expectation.promises.size() == 3);
  CHECK(expectation.promises[0].kept == 0);
  CHECK(expectation.promises[0].newest == 1);
}

TEST_CASE("a writer's last acknowledged write counts until a later crash makes it uncertain",
          "[jobs]") {
  const Beside beside;
  beside.leave(record(0, 2, "a", {0, 1}));
  beside.leave(record(1, 1, "a", {0, 1}));
  JobAttempt crashed = record(1, 3, "a", {}).attempt;
  crashed.id = "crashed";
  beside.claim(1, crashed);
  const JobsSeen seen = beside.seen();
  const Expectation expectation = expectation_of(array_of_three(), seen);
  CHECK(expectation.generation == 3);
  CHECK(expectation.promises[0].kept == 2);
  CHECK(expectation.promises[0].newest == 2);
  CHECK(expectation.promises[1].kept == 1);
  CHECK(expectation.promises[1].newest == 3);
  CHECK(expectation.promises[2].kept == 0);
  CHECK(summary_of(seen, 2).missing == std::vector<std::uint64_t>{1, 2});
  CHECK(summary_of(seen, 2).unfinished.size() == 1);
}

TEST_CASE("a crashed attempt at an older generation lowers what is certain", "[jobs]") {
  const Beside beside;
  beside.leave(record(0, 4, "a", {0, 1}));
  JobAttempt crashed = record(0, 2, "a", {}).attempt;
  crashed.id = "crashed";
  beside.claim(0, crashed);
  const Expectation expectation = expectation_of(array_of_three(), beside.seen());
  CHECK(expectation.promises[0].kept == 2);
  CHECK(expectation.promises[0].newest == 4);
}

TEST_CASE("records of an earlier array with the same name are ignored", "[jobs]") {
  const Beside beside;
  JobRecord old = record(0, 1, "a", {0, 1});
  old.attempt.array_id = "another";
  beside.leave(old);
  old.attempt.array_id = "mine";
  old.attempt.stamp_seed = 6;
  old.writer = 1;
  beside.leave(old);
  CHECK_FALSE(beside.seen().any());
}

TEST_CASE("jobs overlap when two of them were at work at once", "[jobs]") {
  const Beside apart;
  const Beside at_once;
  for (const std::int64_t writer : {0, 1, 2}) {
    apart.leave(record(writer, 1, "a", {10 * writer, 10 * writer + 5}));
    at_once.leave(record(writer, 1, "a", {2 * writer, 2 * writer + 5}));
  }
  CHECK(evidence_of(apart.seen(), 1).overlap_seconds == 0);
  CHECK(evidence_of(apart.seen(), 1).seconds == 25);
  CHECK(evidence_of(at_once.seen(), 1).overlap_seconds == 5);
}

TEST_CASE("with several page caches only overlap between them counts", "[jobs]") {
  const Beside beside;
  beside.leave(record(0, 1, "a", {0, 5}));
  beside.leave(record(1, 1, "a", {0, 5}));
  beside.leave(record(2, 1, "b", {5, 9}));
  const JobsEvidence evidence = evidence_of(beside.seen(), 1);
  CHECK(evidence.cache_count == 2);
  CHECK(evidence.overlap_seconds == 0);
  CHECK(evidence.caches[0] == evidence.caches[1]);
  CHECK(evidence.caches[0] != evidence.caches[2]);
}

TEST_CASE("a damaged job record is an error", "[jobs]") {
  const Beside beside;
  for (const char* text : {"", "{", "[]", "{\"npyrace_job\": 1}", "{\"npyrace_job\": 2}"}) {
    std::ofstream(job_record_path(beside.array, 1), std::ios::trunc) << text;
    CHECK_THROWS_AS(beside.seen(), FormatError);
  }
}
