#include "bench/watch/hazards.h"

#include "tests/catch.h"

using namespace npyrace;
using namespace npyrace::watch;

namespace {

constexpr std::uint64_t kPage = 4096;
const Consistency kLoses{Outcome::loses, Outcome::loses, "tested"};
constexpr std::int64_t kSecond = 1000000000;

/// Two writers of rows of 16 bytes that begin at byte 128, on two nodes unless `nodes` is 1.
AccessedFile two_writers(std::vector<Access> accesses, int nodes = 2) {
  AccessedFile accessed;
  accessed.file = {
      .path = "a.npy",
      .record_bytes = 16,
      .data_offset_bytes = 128,
      .page_bytes = kPage,
      .writers = {{.pid = 1, .cache = "a"}, {.pid = 2, .cache = nodes == 1 ? "a" : "b"}}};
  accessed.accesses = std::move(accesses);
  return accessed;
}

Held from_to(std::int64_t opened_seconds, std::int64_t closed_seconds, const char* boot = "") {
  return {.opened = {opened_seconds * kSecond, opened_seconds * kSecond},
          .closed = {closed_seconds * kSecond, closed_seconds * kSecond},
          .waited = {opened_seconds * kSecond, opened_seconds * kSecond},
          .boot_id = boot};
}

Access called(std::uint64_t writer, ByteRange range) {
  return {.range = range, .writer = writer, .held = from_to(1, 9), .what = What::called};
}

Access stored(std::uint64_t writer, ByteRange range) {
  Access access = called(writer, range);
  access.what = What::stored;
  return access;
}

std::vector<Hazard> found(AccessedFile accessed, const Consistency& consistency = kLoses) {
  find_hazards(accessed, {.consistency = consistency});
  return accessed.file.hazards;
}

}  // namespace

TEST_CASE("pages of one's own are no hazard", "[watch]") {
  CHECK(found(two_writers({called(0, {0, kPage}), called(1, {kPage, 2 * kPage})})).empty());
  CHECK(found(two_writers({stored(0, {0, kPage}), stored(1, {kPage, 2 * kPage})})).empty());
  CHECK(found(two_writers({stored(0, {0, kPage}), stored(0, {0, kPage})})).empty());
}

TEST_CASE("bytes, records and pages that two processes wrote are told apart", "[watch]") {
  const auto bytes = found(two_writers({called(0, {128, 160}), called(1, {144, 176})}));
  REQUIRE(bytes.size() == 1);
  CHECK(bytes[0].kind == HazardKind::same_bytes);
  CHECK(bytes[0].range == ByteRange{144, 160});
  CHECK(bytes[0].level == HazardLevel::loses);

  const auto record = found(two_writers({called(0, {128, 136}), called(1, {136, 144})}));
  REQUIRE(record.size() == 1);
  CHECK(record[0].kind == HazardKind::same_record);
  CHECK(record[0].range == ByteRange{128, 144});

  const auto page = found(two_writers({called(0, {128, 144}), called(1, {144, 160})}));
  REQUIRE(page.size() == 1);
  CHECK(page[0].kind == HazardKind::same_page);
  CHECK(page[0].range == ByteRange{0, kPage});

  const auto both = found(two_writers({stored(0, {0, kPage}), called(1, {200, 216})}));
  REQUIRE(both.size() == 1);
  CHECK(both[0].kind == HazardKind::same_page);
}

TEST_CASE("neighbouring shared pages are one hazard", "[watch]") {
  std::vector<Access> accesses;
  for (std::uint64_t row = 0; row < 1024; ++row)
    accesses.push_back(called(row % 2, {128 + row * 16, 144 + row * 16}));
  const auto hazards = found(two_writers(accesses));
  REQUIRE(hazards.size() == 1);
  CHECK(hazards[0].range == ByteRange{0, 5 * kPage});
}

TEST_CASE("what a shared page means follows from the page caches and the file system", "[watch]") {
  const std::vector<Access> accesses{stored(0, {0, kPage}), stored(1, {0, kPage})};
  CHECK(found(two_writers(accesses))[0].level == HazardLevel::loses);
  CHECK(found(two_writers(accesses), {})[0].level == HazardLevel::may_lose);
  const Consistency calls_only{Outcome::loses, Outcome::keeps, "tested"};
  CHECK(found(two_writers(accesses), calls_only)[0].level == HazardLevel::harmless);
  const std::vector<Access> calls{called(0, {128, 144}), called(1, {160, 176})};
  CHECK(found(two_writers(calls), calls_only)[0].level == HazardLevel::loses);
  CHECK(found(two_writers(accesses, 1))[0].level == HazardLevel::harmless);
  CHECK_FALSE(found(two_writers(accesses, 1))[0].between_caches);
}

TEST_CASE("order excuses: closed before the other opened, beyond the clocks' error", "[watch]") {
  Access first = called(0, {128, 144}), second = called(1, {128, 144});
  const auto level = [&](const Held& a, const Held& b) {
    first.held = a;
    second.held = b;
    return found(two_writers({first, second}))[0];
  };
  CHECK(level(from_to(1, 2), from_to(2, 3)).ordered);
  CHECK(level(from_to(2, 3), from_to(1, 2)).ordered);
  CHECK_FALSE(level(from_to(1, 4), from_to(2, 3)).ordered);
  CHECK(level(from_to(1, 2), from_to(2, 3)).level == HazardLevel::harmless);
  // On two nodes a second of doubt is the default.
  CHECK_FALSE(level(from_to(1, 2, "x"), from_to(2, 3, "y")).ordered);
  CHECK(level(from_to(1, 2, "x"), from_to(4, 5, "y")).ordered);
  // The other process was running already: the order may be chance.
  Held late = from_to(2, 3);
  late.waited = {0, 0};
  CHECK(level(from_to(1, 2), late).ordered);
  CHECK(level(from_to(1, 2), late).by_chance);
  CHECK_FALSE(level(from_to(1, 2), from_to(2, 3)).by_chance);
  CHECK(level(from_to(1, 2), late).level == HazardLevel::may_lose);
  // A process that was killed has closed nothing before.
  CHECK_FALSE(level(from_to(1, 0), from_to(4, 5)).ordered);
}

TEST_CASE("one lock excuses, a lock of the bytes alone does not excuse their page", "[watch]") {
  Access first = called(0, {128, 144}), second = called(1, {128, 144});
  first.lock = second.lock = {.file = "a"};
  CHECK(found(two_writers({first, second}))[0].locked);
  CHECK(found(two_writers({first, second}))[0].level == HazardLevel::harmless);
  second.lock.file = "b";
  CHECK_FALSE(found(two_writers({first, second}))[0].locked);
  second.lock = {.file = "a", .by_flock = true};
  CHECK_FALSE(found(two_writers({first, second}))[0].locked);
  first.lock = second.lock = {.file = "a", .own_bytes = true};
  CHECK(found(two_writers({first, second}))[0].locked);
  second.range = {144, 160};
  const auto page = found(two_writers({first, second}));
  REQUIRE(page.size() == 1);
  CHECK(page[0].kind == HazardKind::same_page);
  CHECK_FALSE(page[0].locked);
}

TEST_CASE("locks of a file exclude each other where they have a byte in common", "[watch]") {
  Access first = called(0, {128, 144}), second = called(1, {128, 144});
  const auto locked = [&](const LockId& a, const LockId& b) {
    first.lock = a;
    second.lock = b;
    return found(two_writers({first, second}))[0].locked;
  };
  const LockId whole{.file = "a"}, own{.file = "a", .own_bytes = true};
  const auto bytes = [](std::uint64_t begin, std::uint64_t end) {
    return LockId{.file = "a", .bytes = {begin, end}};
  };
  CHECK(locked(bytes(0, 1), bytes(0, 1)));  // one byte as a lock of everything
  CHECK(locked(bytes(0, 1), whole));
  CHECK_FALSE(locked(bytes(0, 1), bytes(1, 2)));
  CHECK_FALSE(locked(bytes(0, 144), bytes(144, 200)));
  CHECK(locked(own, whole));
  CHECK(locked(own, bytes(128, 144)));
  CHECK_FALSE(locked(own, bytes(0, 1)));
  CHECK(locked(own, bytes(136, 137)));
  second.range = {144, 160};  // in the same page
  CHECK(locked(bytes(0, 1), bytes(0, 1)));
  CHECK_FALSE(locked(bytes(128, 144), bytes(144, 160)));
  CHECK(locked(bytes(128, 145), bytes(144, 160)));
  CHECK(locked(own, bytes(0, kPage)));
  CHECK_FALSE(locked(own, own));
  CHECK_FALSE(locked(own, bytes(100, kPage)));
}

TEST_CASE("a file that is emptied takes what others wrote before or meanwhile", "[watch]") {
  Access emptied = called(0, {0, 2 * kPage});
  emptied.what = What::truncated;
  Access other = stored(1, {kPage, 2 * kPage});
  const auto hazards_at = [&](std::int64_t moment, What what) {
    emptied.held = from_to(moment, moment);
    emptied.what = what;
    other.held = from_to(3, 5);
    return found(two_writers({emptied, other}));
  };
  CHECK(hazards_at(2, What::truncated).empty());
  REQUIRE(hazards_at(4, What::truncated).size() == 1);
  CHECK(hazards_at(4, What::truncated)[0].kind == HazardKind::same_bytes);
  CHECK(hazards_at(4, What::truncated)[0].level == HazardLevel::loses);
  CHECK(hazards_at(6, What::truncated)[0].level == HazardLevel::harmless);
  CHECK(hazards_at(4, What::replaced)[0].level == HazardLevel::loses);
  CHECK(hazards_at(6, What::replaced)[0].level == HazardLevel::harmless);
  // Nobody waited for the other process to close the file.
  emptied.held.waited = {0, 0};
  emptied.what = What::truncated;
  CHECK(found(two_writers({emptied, other}))[0].level == HazardLevel::may_lose);
}

TEST_CASE("rows of several pages: two processes in one row's page share the record", "[watch]") {
  AccessedFile accessed =
      two_writers({stored(0, {2 * kPage, 3 * kPage}), stored(1, {2 * kPage, 3 * kPage})});
  accessed.file.record_bytes = 4 * kPage;
  accessed.file.data_offset_bytes = 0;
  const auto hazards = found(accessed);
  REQUIRE(hazards.size() == 1);
  CHECK(hazards[0].kind == HazardKind::same_record);
}

TEST_CASE("pages in which a record begins belong to no single record", "[watch]") {
  AccessedFile accessed = two_writers({stored(0, {0, 16 * kPage}), stored(1, {0, 16 * kPage})});
  accessed.file.record_bytes = 4 * kPage;  // begin at byte 128 of pages 0, 4, 8 and 12
  std::vector<ByteRange> records, pages;
  for (const Hazard& hazard : found(accessed))
    (hazard.kind == HazardKind::same_record ? records : pages).push_back(hazard.range);
  CHECK(records == std::vector<ByteRange>{{1 * kPage, 4 * kPage},
                                          {5 * kPage, 8 * kPage},
                                          {9 * kPage, 12 * kPage},
                                          {13 * kPage, 16 * kPage}});
  CHECK(pages ==
        std::vector<ByteRange>{
            {0, kPage}, {4 * kPage, 5 * kPage}, {8 * kPage, 9 * kPage}, {12 * kPage, 13 * kPage}});
}

TEST_CASE("a shared mapping of 512 GiB is one range, not an element per page", "[watch]") {
  constexpr std::uint64_t kBytes = std::uint64_t{512} << 30;
  AccessedFile accessed = two_writers({stored(0, {0, kBytes}), stored(1, {0, kBytes})});
  accessed.accesses[0].what = accessed.accesses[1].what = What::may_store;
  accessed.file.record_bytes = 2 * kPage;
  accessed.file.data_offset_bytes = kPage;
  CHECK(found(accessed).size() == 2);  // the header's page, and the records
  accessed.file.data_offset_bytes = 128;
  const auto hazards = found(accessed);
  REQUIRE(hazards.size() == 1);
  CHECK(hazards[0].kind == HazardKind::same_page);
  CHECK(hazards[0].range == ByteRange{0, kBytes});
}

TEST_CASE("a unit of the file system is named beside the pages, and never loses", "[watch]") {
  AccessedFile accessed = two_writers({called(0, {0, kPage}), called(1, {kPage, 2 * kPage})});
  find_hazards(accessed, {.consistency = kLoses, .unit_bytes = 1 << 20});
  REQUIRE(accessed.file.hazards.size() == 1);
  CHECK(accessed.file.hazards[0].kind == HazardKind::same_unit);
  CHECK(accessed.file.hazards[0].level == HazardLevel::harmless);
  CHECK(accessed.file.advice.empty());
}

TEST_CASE("advice: rows that fill whole pages", "[watch]") {
  AccessedFile accessed = two_writers({stored(0, {0, kPage}), stored(1, {0, kPage})});
  find_hazards(accessed, {.consistency = kLoses});
  CHECK(accessed.file.advice.find("a multiple of 256 rows") != std::string::npos);
  CHECK(accessed.file.advice.find("start the data at a page") != std::string::npos);
}

TEST_CASE("more hazards than the limit are counted, and the worst are kept", "[watch]") {
  std::vector<Access> accesses;
  for (std::uint64_t i = 0; i < kMostHazards + 10; ++i)
    for (const std::uint64_t writer : {0, 1})
      accesses.push_back(stored(writer, {2 * i * kPage, (2 * i + 1) * kPage}));
  accesses.push_back(called(0, {128, 144}));
  accesses.push_back(called(1, {128, 144}));
  AccessedFile accessed = two_writers(accesses);
  find_hazards(accessed, {.consistency = {}});
  CHECK(accessed.file.hazards.size() == kMostHazards);
  CHECK(accessed.file.hazards_left_out == 10);
  CHECK(accessed.file.hazards[0].kind == HazardKind::same_bytes);
}
