// Strategies that write whole units: which arrays they refuse, and that they preserve other bytes
// of a unit.

#include "bench/strategies/direct.h"

#include <cerrno>
#include <set>

#include "bench/storage/race_file.h"
#include "bench/storage/views.h"
#include "bench/strategies/writer.h"
#include "core/file/posix_file.h"
#include "tests/catch.h"
#include "tests/forwarding_file.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using npyrace::testing::ForwardingFile;
using npyrace::testing::TemporaryFolder;

namespace {

std::string unfit(const char* strategy, const ArrayRequest& request) {
  return find_strategy(strategy).strategy.unfit_for(ArrayMap(request));
}

void write(const ArrayMap& map, const std::string& path, unsigned generation, const char* sync,
           const FileOpener& open_file = open_posix_file) {
  for (std::uint64_t number = 0; number < map.writers(); ++number) {
    Writer writer({.map = map,
                   .stamper = Stamper(5),
                   .writer = number,
                   .path = path,
                   .open_file = open_file,
                   .strategy = find_strategy("direct").strategy,
                   .sync = parse_sync_policy(sync)});
    writer.prepare(generation);
    writer.write();
  }
}

/// A file whose file system reports no alignment but requires one.
class FussyFile final : public ForwardingFile {
 public:
  using ForwardingFile::ForwardingFile;
  DirectLimits direct_limits() override { return {}; }
  void write_at(std::span<const std::byte>, std::uint64_t at) override {
    throw SystemError({path(), "pwrite", at}, EINVAL);
  }
};

/// Records which bytes were written through which kind of handle.
class TellingFile final : public ForwardingFile {
 public:
  TellingFile(std::unique_ptr<File> inner, OpenOptions options, std::set<std::string>& ways)
      : ForwardingFile(std::move(inner)), options_(options), ways_(ways) {}
  void write_at(std::span<const std::byte> data, std::uint64_t at) override {
    ways_.insert(options_.direct ? "direct" : options_.data_sync ? "synced" : "cached");
    if (options_.direct) CHECK((at % 4096 == 0 && data.size() % 4096 == 0));
    ForwardingFile::write_at(data, at);
  }

 private:
  OpenOptions options_;
  std::set<std::string>& ways_;
};

}  // namespace

TEST_CASE("direct refuses units that are shared, with writers or with the header", "[direct]") {
  const auto has = [](const std::string& reason, const char* words) {
    return reason.find(words) != std::string::npos;
  };
  CHECK(has(unfit("direct", {.records = 90, .writers = 3}), "shared"));
  CHECK(has(unfit("direct", {.records = 90, .writers = 1}), "shared"));  // with the header
  CHECK(unfit("direct", {.records = 90, .layout = "padded-record", .writers = 3}).empty());
  CHECK(unfit("direct", {.records = 90, .layout = "padded-block", .writers = 3}).empty());
}

TEST_CASE(
    "atomic writes need each record within one unit, and whole units up to the end of the file",
    "[direct]") {
  ArrayRequest request{.records = 90, .layout = "padded-record", .writers = 3};
  CHECK(unfit("pwrite-atomic", request).empty());
  request.descr = "|V5000";
  CHECK(unfit("pwrite-atomic", request).find("two units") != std::string::npos);
  CHECK(unfit("direct", request).empty());
  request.descr = "|V16";
  request.layout = "padded-block";
  CHECK(unfit("pwrite-atomic", request).find("cuts its last unit") != std::string::npos);
  request.records = 768;
  CHECK(unfit("pwrite-atomic", request).empty());
}

// Record sizes that do not divide the unit, syncs within units, and a last unit cut by the end of
// the file: all records of both generations must be correct, and all padding zero.
TEST_CASE("direct preserves the other bytes of a unit", "[direct]") {
  for (const char* layout : {"padded-block", "padded-record"})
    for (const char* sync : {"none", "end", "record", "every:7"})
      for (const char* descr : {"<f8", "|V24", "|V100", "|V5000"}) {
        CAPTURE(layout, sync, descr);
        const ArrayMap map({.descr = descr, .records = 200, .layout = layout, .writers = 3});
        const TemporaryFolder folder;
        const RaceFile file({folder.path()}, map, open_posix_file);
        const std::string path = file.paths().front();
        for (const unsigned generation : {1u, 2u}) {
          write(map, path, generation, sync);
          const Findings findings = scan({.subject = {.map = map,
                                                      .stamper = Stamper(5),
                                                      .expectation = {.generation = generation}},
                                          .open_file = open_posix_file,
                                          .judge = make_view("pread", path, folder.path())});
          CHECK(findings.anomalies.damaging() == 0);
          CHECK(findings.records_checked == 200);
        }
        CHECK(open_posix_file(path, {})->size_bytes() == map.file_bytes());
      }
}

TEST_CASE("only a partial unit at the end is written through the page cache", "[direct]") {
  for (const std::uint64_t records : {768u, 765u}) {
    const ArrayMap map({.records = records, .layout = "padded-block", .writers = 3});
    const TemporaryFolder folder;
    const RaceFile file({folder.path()}, map, open_posix_file);
    std::set<std::string> ways;
    write(map, file.paths().front(), 1, "end",
          [&](const std::string& path, const OpenOptions& how) {
            return std::make_unique<TellingFile>(open_posix_file(path, how), how, ways);
          });
    CHECK(ways == (records == 768 ? std::set<std::string>{"direct"}
                                  : std::set<std::string>{"direct", "synced"}));
  }
}

TEST_CASE("an alignment that the system rejects is a refusal, not an error", "[direct]") {
  const ArrayMap map({.records = 90, .layout = "padded-record", .writers = 1});
  const TemporaryFolder folder;
  const RaceFile file({folder.path()}, map, open_posix_file);
  const FileOpener fussy = [](const std::string& path, const OpenOptions& how) {
    return std::make_unique<FussyFile>(open_posix_file(path, how));
  };
  CHECK_THROWS_AS(write(map, file.paths().front(), 1, "end", fussy), Refusal);
}
