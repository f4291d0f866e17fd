#include "validators/truth.h"

#include <cstring>
#include <memory>

#include "core/file/posix_file.h"
#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using npyrace::testing::TemporaryFolder;

namespace {

constexpr std::uint64_t kRecords = 40;

/// Record i finally holds the number 1000 + i, and `before` initially; four writers in turn.
struct Case {
  TemporaryFolder folder;
  std::string path = folder.file("a.npy");
  Truth truth;
  std::unique_ptr<ArrayMap> map;

  explicit Case(std::int64_t before) {
    auto owners = std::make_shared<std::vector<std::uint32_t>>();
    for (std::uint64_t i = 0; i < kRecords; ++i)
      owners->push_back(i == kRecords - 1 ? kNobody : static_cast<std::uint32_t>(i % 4));
    map = std::make_unique<ArrayMap>(ArrayRequest{.descr = "'<i8'",
                                                  .records = kRecords,
                                                  .ownership = Ownership::observed,
                                                  .writers = 4,
                                                  .observed = owners});
    truth.before = map->header();
    truth.after = map->header();
    for (std::uint64_t i = 0; i < kRecords; ++i) {
      append(truth.before, before);
      append(truth.after, i == kRecords - 1 ? before : static_cast<std::int64_t>(1000 + i));
    }
  }

  static void append(std::vector<std::byte>& bytes, std::int64_t value) {
    const auto size = bytes.size();
    bytes.resize(size + sizeof value);
    std::memcpy(bytes.data() + size, &value, sizeof value);
  }

  /// The findings if record `element` holds `value` and everything else is correct.
  Findings with(std::uint64_t element, std::int64_t value, std::vector<bool> unacknowledged = {}) {
    std::vector<std::byte> content = truth.after;
    std::memcpy(content.data() + map->record_offset_bytes(element), &value, sizeof value);
    return of(content, std::move(unacknowledged));
  }

  Findings of(const std::vector<std::byte>& content, std::vector<bool> unacknowledged = {}) {
    std::remove(path.c_str());
    const auto file = open_posix_file(path, {.access = Access::read_write, .create_new = true});
    file->write_at(content, 0);
    file->close();
    return compare_with_truth({.map = *map,
                               .truth = truth,
                               .unacknowledged = std::move(unacknowledged),
                               .open_file = open_posix_file,
                               .judge = {&find_read_path("pread"), path, "pread"}});
  }
};

}  // namespace

TEST_CASE("serial truth classifies each record a program leaves", "[truth]") {
  Case one(7);
  CHECK(one.of(one.truth.after).anomalies.damaging() == 0);
  CHECK(one.of(one.truth.after).records_checked == kRecords);
  CHECK(one.with(5, 0).anomalies[Anomaly::hole] == 1);
  CHECK(one.with(5, 7).anomalies[Anomaly::lost] == 1);
  CHECK(one.with(5, 1020).anomalies[Anomaly::misplaced] == 1);
  CHECK(one.with(5, 0x1234567).anomalies[Anomaly::corrupt] == 1);
  CHECK(one.with(5, (1005 & 0xff) | 0).anomalies[Anomaly::torn] == 1);  // 07 00.. and ed 03..
  const Findings found = one.with(5, 0x1234567);
  REQUIRE(found.examples.size() == 1);
  CHECK(found.examples[0].record == 5);
  CHECK(found.examples[0].writer == 1);
  CHECK(found.damaged == std::vector<std::uint64_t>{5});
}

TEST_CASE("a record of an unfinished writer may be old but not damaged", "[truth]") {
  Case one(7);
  CHECK(one.with(5, 7, {false, true, false, false}).unwritten == 1);
  CHECK(one.with(5, 7, {false, true, false, false}).anomalies.damaging() == 0);
  CHECK(one.with(5, 7, {true, false, true, true}).anomalies[Anomaly::lost] == 1);
  CHECK(one.with(5, 99999, {false, true, false, false}).anomalies[Anomaly::corrupt] == 1);
}

TEST_CASE("a record that several writers add to reports any other value as a lost update",
          "[truth]") {
  Case one(7);
  one.truth.shared.assign(kRecords, false);
  one.truth.shared[5] = true;
  CHECK(one.with(5, 0x1234567).anomalies[Anomaly::lost] == 1);
  CHECK(one.with(6, 0x1234567).anomalies[Anomaly::corrupt] == 1);
}

TEST_CASE("header, size, and records that nobody writes", "[truth]") {
  Case one(7);
  std::vector<std::byte> content = one.truth.after;
  content[10] = std::byte{'?'};
  CHECK(one.of(content).anomalies[Anomaly::header] == 1);
  content = one.truth.after;
  content.push_back(std::byte{1});
  CHECK(one.of(content).anomalies[Anomaly::padding] == 1);
  content.resize(content.size() - 9);  // the last record is truncated and reads as zeros
  CHECK(one.of(content).anomalies[Anomaly::hole] == 1);
  CHECK(one.with(kRecords - 1, 5).anomalies[Anomaly::corrupt] == 1);
}

TEST_CASE("exactly the changed elements are found", "[truth]") {
  Case one(7);
  const auto changed = changed_elements(*one.map, one.truth.before, one.truth.after);
  CHECK(changed.size() == kRecords - 1);
  CHECK(changed_elements(*one.map, one.truth.after, one.truth.after).empty());
}
