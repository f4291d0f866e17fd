// Rank 0 and the other ranks as threads with message queues: the protocol between them, without
// MPI.

#include "bench/remote/coordinator.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <latch>
#include <map>
#include <thread>

#include "bench/launchers/launcher.h"
#include "bench/remote/rank_service.h"
#include "bench/storage/race_file.h"
#include "bench/storage/views.h"
#include "core/file/posix_file.h"
#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using npyrace::testing::TemporaryFolder;

namespace {

constexpr std::uint64_t kRanks = 3;
constexpr std::uint64_t kSeed = 5;

/// State shared by the threads.
struct Office {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::deque<std::string>> mail;  // key: from, to
  std::uint64_t here = 0, meetings = 0;
  std::atomic<std::uint64_t> lost = kRanks;  ///< a rank that has been lost
  bool all_well = true, last_all_well = true;
  std::atomic<bool> other_clock = false;  ///< ranks 1 and 2 say that their clock is not rank 0's
  std::atomic<int> times_asked = 0;

  void send(std::uint64_t from, std::uint64_t to, std::string text) {
    if (text == "time?") ++times_asked;
    const std::string key = "\"clock\":\"";
    if (const auto at = text.find(key); other_clock && from > 0 && at != std::string::npos)
      text.insert(at + key.size(), "of another kernel, ");
    const std::lock_guard lock(mutex);
    mail[{from, to}].push_back(std::move(text));
    changed.notify_all();
  }

  std::string receive(std::uint64_t from, std::uint64_t to,
                      std::optional<std::chrono::seconds> patience) {
    std::unique_lock lock(mutex);
    std::deque<std::string>& box = mail[{from, to}];
    const auto has_come = [&] { return !box.empty(); };
    if (!patience)
      changed.wait(lock, has_come);
    else if (!changed.wait_for(lock, *patience, has_come))
      throw RaceError("too late", false);
    std::string text = std::move(box.front());
    box.pop_front();
    return text;
  }

  bool meet(std::uint64_t ranks, bool well) {
    std::unique_lock lock(mutex);
    const std::uint64_t number = meetings;
    all_well = all_well && well;
    if (++here < ranks) {
      changed.wait(lock, [&] { return meetings != number; });
      return last_all_well;
    }
    here = 0;
    last_all_well = std::exchange(all_well, true);
    ++meetings;
    changed.notify_all();
    return last_all_well;
  }
};

class ThreadGroup final : public RankGroup {
 public:
  ThreadGroup(Office& office, std::uint64_t rank, std::uint64_t ranks)
      : office_(office), rank_(rank), ranks_(ranks) {}
  std::uint64_t rank() const override { return rank_; }
  bool meet(bool well, Wait, Needs) override {
    return office_.meet(ranks_ - (office_.lost < ranks_ ? 1 : 0), well);
  }
  std::unique_ptr<RankFile> open(const std::string&) override { throw Refusal("no MPI-IO"); }

 private:
  Office& office_;
  std::uint64_t rank_, ranks_;
};

class ThreadTransport final : public Transport {
 public:
  ThreadTransport(Office& office, std::uint64_t rank) : office_(office), rank_(rank) {}
  std::uint64_t rank() const override { return rank_; }
  std::uint64_t size() const override { return kRanks; }
  std::string library() const override { return "threads"; }
  void send(std::uint64_t to, const std::string& text) override {
    require_there(to);
    office_.send(rank_, to, text);
  }
  std::string receive(std::uint64_t from, Wait) override {
    require_there(from);
    return office_.receive(from, rank_, patience_);
  }
  std::unique_ptr<RankGroup> group(std::uint64_t ranks) override {
    return rank_ < ranks ? std::make_unique<ThreadGroup>(office_, rank_, ranks) : nullptr;
  }
  void set_patience(std::optional<std::chrono::seconds> patience) override { patience_ = patience; }
  void leave() override {}

 private:
  void require_there(std::uint64_t rank) const {
    if (rank == office_.lost) throw RankLost("rank is gone", false);
  }

  Office& office_;
  std::uint64_t rank_;
  std::optional<std::chrono::seconds> patience_;
};

/// A coordinator whose ranks 1 and 2 open files by `open_file`.
struct Ranks {
  explicit Ranks(FileOpener open_file) : opener(std::move(open_file)) {
    for (std::uint64_t rank = 1; rank < kRanks; ++rank)
      threads.emplace_back([this, rank] {
        ThreadTransport transport(office, rank);
        serve(transport, opener, [](const std::string&) { return std::string("ok"); });
      });
    coordinator.emplace(std::make_unique<ThreadTransport>(office, 0));
  }
  ~Ranks() { coordinator.reset(); }  // ends the ranks before they are joined

  Office office;
  FileOpener opener;
  std::vector<std::jthread> threads;
  std::optional<Coordinator> coordinator;
};

/// Writes every record of the generation except those of `wrong`.
void fill(const ArrayMap& map, const std::string& path, const std::vector<std::uint64_t>& wrong) {
  const auto file = open_posix_file(path, {.access = Access::read_write});
  std::vector<std::byte> records(static_cast<std::size_t>(map.records() * map.record_bytes()));
  const auto bytes = static_cast<std::size_t>(map.record_bytes());
  for (std::uint64_t i = 0; i < map.records(); ++i)
    Stamper(kSeed).fill(std::span(records).subspan(i * bytes, bytes), i, 1);
  for (const std::uint64_t record : wrong) records[record * bytes] ^= std::byte{1};
  file->write_at(records, map.record_offset_bytes(0));
}

LaunchRequest request_for(Coordinator& coordinator, const RaceFile& file,
                          const ArrayRequest& array) {
  return {.order = {.array = array,
                    .paths = file.paths(),
                    .strategies = {"pwrite"},
                    .sync = "end",
                    .stamp_seed = kSeed,
                    .generations = 2},
          .writers = array.writers,
          .caches = {1},
          .coordinator = &coordinator};
}

}  // namespace

TEST_CASE("all ranks read a file back together, and each damaged record is found once", "[ranks]") {
  std::atomic<int> opened_by_others = 0;
  Ranks ranks([&](const std::string& path, const OpenOptions& request) {
    ++opened_by_others;
    return open_posix_file(path, request);
  });
  const TemporaryFolder folder;
  const ArrayMap map({.records = 200'000});  // about a dozen pieces
  const RaceFile file({folder.path()}, map, open_posix_file);
  const std::string& path = file.paths().front();
  std::vector<std::uint64_t> wrong;
  for (std::uint64_t record = 5; record < map.records(); record += 9973) wrong.push_back(record);
  fill(map, path, wrong);
  ranks.coordinator->look({folder.path()}, folder.path());
  opened_by_others = 0;
  const ScanRequest request{.subject = {.map = map, .stamper = Stamper(kSeed), .expectation = {}},
                            .open_file = open_posix_file,
                            .judge = make_view("pread", path, folder.path())};
  const Findings findings = ranks.coordinator->scan(request);
  CHECK(findings.records_checked == map.records());
  CHECK(findings.damaged == wrong);
  CHECK(findings.anomalies.damaging() == wrong.size());
  CHECK(opened_by_others > 0);
}

TEST_CASE("a rank that cannot read is an error, and the protocol stays in sync", "[ranks]") {
  std::atomic<bool> fails = false;
  Ranks ranks([&](const std::string& path, const OpenOptions& request) {
    if (fails) throw SystemError({path, "open"}, EIO);
    return open_posix_file(path, request);
  });
  const TemporaryFolder folder;
  const ArrayMap map({.records = 100'000});
  const RaceFile file({folder.path()}, map, open_posix_file);
  fill(map, file.paths().front(), {});
  ranks.coordinator->look({folder.path()}, folder.path());
  const ScanRequest request{.subject = {.map = map, .stamper = Stamper(kSeed), .expectation = {}},
                            .open_file = open_posix_file,
                            .judge = make_view("pread", file.paths().front(), folder.path())};
  fails = true;
  CHECK_THROWS_WITH(ranks.coordinator->scan(request),
                    Catch::Matchers::ContainsSubstring("Input/output error"));
  fails = false;
  CHECK(ranks.coordinator->scan(request).records_checked == map.records());
}

TEST_CASE("if a rank hangs while it reads a file back, rank 0 reads all of it and names the rank",
          "[ranks]") {
  std::latch test_is_over(1);
  std::atomic<bool> hangs = false;
  Ranks ranks([&](const std::string& path, const OpenOptions& request) {
    if (hangs) test_is_over.wait();
    return open_posix_file(path, request);
  });
  const TemporaryFolder folder;
  const ArrayMap map({.records = 200'000});
  const RaceFile file({folder.path()}, map, open_posix_file);
  fill(map, file.paths().front(), {});
  ranks.coordinator->look({folder.path()}, folder.path());
  ranks.coordinator->set_patience(std::chrono::seconds(0));
  hangs = true;
  const ScanRequest request{.subject = {.map = map, .stamper = Stamper(kSeed), .expectation = {}},
                            .open_file = open_posix_file,
                            .judge = make_view("pread", file.paths().front(), folder.path())};
  CHECK(ranks.coordinator->scan(request).records_checked == map.records());
  CHECK_THROWS_WITH(ranks.coordinator->tell(2, {.task = Task::leave}),
                    Catch::Matchers::ContainsSubstring("rank 1 on ") &&
                        Catch::Matchers::ContainsSubstring("nothing was heard of it for 0 s"));
  CHECK_FALSE(ranks.coordinator->in_step());
  test_is_over.count_down();
  for (std::uint64_t rank = 1; rank < kRanks; ++rank)
    ranks.office.send(0, rank, to_text(RankOrder{.task = Task::leave}));
}

TEST_CASE("a failed writer does not block the others, and only its synced records are acknowledged",
          "[ranks]") {
  for (const unsigned dies_in : {1u, 2u}) {  // a timed and a synchronized one
    std::atomic<bool> fails = false;
    Ranks ranks([&](const std::string& path, const OpenOptions& request) {
      if (fails) throw SystemError({path, "open"}, ENOSPC);
      return open_posix_file(path, request);
    });
    const TemporaryFolder folder;
    const ArrayRequest array{.records = 300, .writers = kRanks};
    const RaceFile file({folder.path()}, ArrayMap(array), open_posix_file);
    ranks.coordinator->look({folder.path()}, folder.path());
    const auto group = start_ranks(request_for(*ranks.coordinator, file, array));
    for (unsigned generation = 1; generation <= dies_in; ++generation) {
      fails = generation == dies_in;
      const GenerationReport report = group->race();
      CHECK(report.held == (generation == 2));
      if (!fails) {
        CHECK(report.writers.size() == kRanks);
        CHECK(report.failures.empty());
        continue;
      }
      CHECK(report.writers.size() == 1);
      REQUIRE(report.failures.size() == 2);
      CHECK(report.failures[0].of_itself);
      CHECK(report.failures[0].words.find("writer 1") != std::string::npos);
      REQUIRE(report.promises.size() == kRanks);
      CHECK(report.promises[0].kept == dies_in);
      CHECK(report.promises[1].kept == dies_in - 1);
      CHECK(report.promises[1].newest == dies_in);
      CHECK(report.promises[1].newest_records == 0);
    }
    CHECK(ranks.coordinator->in_step());
  }
}

TEST_CASE("a race may follow another one with a different number of writers", "[ranks]") {
  Ranks ranks(open_posix_file);
  const TemporaryFolder folder;
  ranks.coordinator->look({folder.path()}, folder.path());
  for (const std::uint64_t writers : {3u, 1u, 2u}) {
    const ArrayRequest array{.records = 300, .writers = writers};
    const ArrayMap map(array);
    const RaceFile file({folder.path()}, map, open_posix_file);
    const auto group = start_ranks(request_for(*ranks.coordinator, file, array));
    for (const unsigned generation : {1u, 2u}) {
      CHECK(group->race().writers.size() == writers);
      const Findings findings = scan({.subject = {.map = map,
                                                  .stamper = Stamper(kSeed),
                                                  .expectation = {.generation = generation}},
                                      .open_file = open_posix_file,
                                      .judge = make_view("pread", file.paths()[0], folder.path())});
      CHECK(findings.records_checked == 300);
      CHECK(findings.anomalies.damaging() == 0);
    }
  }
}

TEST_CASE("a clock that many ranks share is asked once before and once after a generation",
          "[ranks]") {
  Ranks ranks(open_posix_file);
  const TemporaryFolder folder;
  ranks.coordinator->look({folder.path()}, folder.path());
  ranks.office.other_clock = true;
  ranks.coordinator->look({folder.path()}, folder.path());
  const ArrayRequest array{.records = 300, .writers = kRanks};
  const RaceFile file({folder.path()}, ArrayMap(array), open_posix_file);
  const auto group = start_ranks(request_for(*ranks.coordinator, file, array));
  ranks.office.times_asked = 0;
  const GenerationReport first = group->race();
  const int of_a_generation = ranks.office.times_asked;
  CHECK(of_a_generation == 2 * 16);
  for (std::size_t writer = 1; writer < kRanks; ++writer)
    CHECK(first.writers[writer].clock_error_ns > 0);
  ranks.office.lost = 1;  // the next rank of that clock is asked
  group->race();
  CHECK(ranks.office.times_asked == 2 * of_a_generation);
  ranks.office.lost = kRanks;  // so that it can exit
}

TEST_CASE("a lost rank is one failure, and the others continue", "[ranks]") {
  Ranks ranks(open_posix_file);
  const TemporaryFolder folder;
  ranks.coordinator->look({folder.path()}, folder.path());
  const ArrayRequest array{.records = 300, .writers = kRanks};
  const RaceFile file({folder.path()}, ArrayMap(array), open_posix_file);
  const auto group = start_ranks(request_for(*ranks.coordinator, file, array));
  for (const unsigned generation : {1u, 2u, 3u}) {
    if (generation == 2) ranks.office.lost = 1;
    const GenerationReport report = group->race();
    CHECK(report.writers.size() == (generation == 1 ? 3 : 2));
    CHECK(report.failures.size() == (generation == 2 ? 1 : 0));
    CHECK_FALSE(report.all_failed);
    if (generation == 1) continue;
    REQUIRE(report.promises.size() == kRanks);
    CHECK(report.promises[1].kept == 1);
    CHECK(report.promises[1].newest == 1);
    CHECK(report.promises[0].kept == generation);
    CHECK(report.promises[2].kept == generation);
  }
  CHECK(ranks.coordinator->in_step());
  ranks.office.lost = kRanks;  // so that it can exit
}
