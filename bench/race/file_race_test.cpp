// A race on one file with a launcher that breaks off.

#include "bench/race/file_race.h"

#include "bench/launchers/launcher.h"
#include "bench/race/cell_race.h"
#include "bench/storage/mounts.h"
#include "bench/storage/sidecar.h"
#include "bench/storage/views.h"
#include "core/file/posix_file.h"
#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using npyrace::testing::TemporaryFolder;

namespace {

/// Two writers: writer 1 is killed in generation 2, of which a sync has acknowledged five records,
/// and writer 0 hangs in generation 3 in the middle of its first record.
class BreakingGroup final : public WriterGroup {
 public:
  explicit BreakingGroup(const LaunchRequest& request)
      : order_(request.order), map_(request.order.array) {}

  GenerationReport race() override {
    ++generation_;
    GenerationReport report{.held = true, .overlap_seconds = 1};
    report.writers.push_back(write(0));
    if (generation_ < 3) report.writers.push_back(write(1));
    if (generation_ == 3) {
      restore_first_lane();
      throw RaceError("writer 0 does not finish", false);
    }
    if (generation_ == 2) {
      report.failures = {{"writer 1: killed by signal 9 (Killed)", false}};
      report.promises = {{.kept = 2, .newest = 2}, {.kept = 1, .newest = 2, .newest_records = 5}};
    }
    return report;
  }
  std::vector<WriterFailure> finish() override { return {}; }

 private:
  WriterReport write(std::uint64_t number) {
    Writer writer({.map = map_,
                   .stamper = map_.stamper(order_.stamp_seed),
                   .writer = number,
                   .path = order_.paths.front(),
                   .open_file = open_posix_file,
                   .strategy = find_strategy("pwrite").strategy,
                   .sync = {}});
    writer.prepare(generation_);
    return writer.write();
  }

  void restore_first_lane() {
    const std::uint64_t element = map_.element(0, 0);
    std::vector<std::byte> before(static_cast<std::size_t>(map_.record_bytes()));
    map_.stamper(order_.stamp_seed).fill(before, element, generation_ - 1);
    open_posix_file(order_.paths.front(), {.access = Access::write})
        ->write_at(std::span(before).first(kLaneBytes), map_.record_offset_bytes(element));
  }

  RaceOrder order_;
  ArrayMap map_;
  unsigned generation_ = 0;
};

const LauncherRow kBreaking{
    "breaking", "", [](const LaunchRequest& request) {
      return std::unique_ptr<WriterGroup>(std::make_unique<BreakingGroup>(request));
    }};

}  // namespace

TEST_CASE(
    "a generation aborted after a writer was killed is no damage, in the race and in the kept file",
    "[file-race]") {
  const TemporaryFolder folder;
  RunPlan plan{.mounts = look_at_mounts({folder.path()}), .judge_dir = folder.path(), .keep = true};
  plan.cells.push_back(
      {.description =
           {.strategy = "pwrite", .layout = "packed", .writers = 2, .mounts = 1, .generations = 4},
       .array = {.descr = "|V24", .records = 100, .writers = 2},
       .strategies = {&find_strategy("pwrite")},
       .launcher = &kBreaking,
       .cache = &find_cache("as-is"),
       .caches = {1}});
  const Site site(open_posix_file);
  const RaceContext context{.site = site, .tell = [](const std::string&) {}};
  CellRace race(plan, plan.cells.front(), context);
  CHECK_FALSE(race.repeat());
  const CellResult result = race.result();
  CHECK(result.verdict == Verdict::failed);
  CHECK(result.anomalies.damaging() == 0);
  CHECK(result.unwritten == race.map().count(1) + 1);

  const auto kept = read_sidecar(result.file);
  REQUIRE(kept);
  CHECK(kept->generation == 3);
  const ArrayMap map(kept->array);
  const Findings findings = scan(
      {.subject = {.map = map,
                   .stamper = map.stamper(kept->stamp_seed),
                   .expectation = {.generation = kept->generation, .promises = kept->promises}},
       .open_file = open_posix_file,
       .judge = make_view("pread", result.file, folder.path())});
  CHECK(findings.anomalies.damaging() == 0);
  CHECK(findings.unwritten == map.count(1) + 1);
}
