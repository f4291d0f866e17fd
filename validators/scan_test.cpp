#include "validators/scan.h"

#include <atomic>
#include <filesystem>
#include <vector>

#include "core/base/error.h"
#include "core/file/posix_file.h"
#include "tests/catch.h"
#include "tests/forwarding_file.h"
#include "tests/temporary_folder.h"

using namespace npyrace;
using npyrace::testing::TemporaryFolder;

namespace {

constexpr std::uint64_t kSeed = 9;

/// Writes a correct file of generation 1.
void write_right(const ArrayMap& map, const std::string& path) {
  const auto file = open_posix_file(path, {.access = Access::read_write, .create_new = true});
  file->allocate(map.file_bytes());
  file->write_at(map.header(), 0);
  std::vector<std::byte> record(static_cast<std::size_t>(map.record_bytes()));
  for (std::uint64_t element = 0; element < map.elements(); ++element) {
    if (!map.is_record(element)) continue;
    Stamper(kSeed).fill(record, element, 1);
    file->write_at(record, map.record_offset_bytes(element));
  }
}

View view_of(const char* read_path, const std::string& path) {
  return {&find_read_path(read_path), path, std::string(read_path) + "@" + path};
}

ScanRequest request_of(const ArrayMap& map, const View& judge, std::vector<View> views) {
  return {.subject = {.map = map, .stamper = Stamper(kSeed), .expectation = {.generation = 1}},
          .open_file = open_posix_file,
          .judge = judge,
          .views = std::move(views)};
}

void zero(const std::string& path, std::uint64_t offset_bytes, std::size_t size_bytes) {
  const std::vector<std::byte> zeros(size_bytes);
  open_posix_file(path, {.access = Access::write})->write_at(zeros, offset_bytes);
}

}  // namespace

TEST_CASE("every read path accepts a correct file of many pieces", "[scan]") {
  const TemporaryFolder folder;
  const ArrayMap map(
      {.descr = "|V21", .records = 200000, .ownership = Ownership::cyclic, .writers = 7});
  write_right(map, folder.file("a.npy"));
  for (const ReadPathRow& row : read_path_table()) {
    CAPTURE(row.name);
    const Findings findings = scan(request_of(map, view_of(row.name, folder.file("a.npy")), {}));
    CHECK(findings.records_checked == 200000);
    CHECK(findings.anomalies.damaging() == 0);
  }
}

namespace {

/// Counts the bytes that are read.
class CountedFile final : public npyrace::testing::ForwardingFile {
 public:
  CountedFile(std::unique_ptr<File> inner, std::atomic<std::uint64_t>& read_bytes)
      : ForwardingFile(std::move(inner)), read_bytes_(read_bytes) {}
  std::size_t read_at(std::span<std::byte> buffer, std::uint64_t offset_bytes) override {
    read_bytes_ += buffer.size();
    return ForwardingFile::read_at(buffer, offset_bytes);
  }

 private:
  std::atomic<std::uint64_t>& read_bytes_;
};

}  // namespace

TEST_CASE("holes are not read where writers owe nothing, and are losses where they do", "[scan]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("sparse.npy");
  constexpr std::uint64_t kRecords = std::uint64_t{1} << 28;  // 4 GiB
  for (const Ownership ownership : {Ownership::block, Ownership::cyclic}) {
    CAPTURE(ownership_name(ownership));
    const ArrayMap map({.records = kRecords, .ownership = ownership, .writers = 4});
    const auto file = open_posix_file(path, {.access = Access::read_write, .create_new = true});
    std::filesystem::resize_file(path, map.file_bytes());
    file->write_at(map.header(), 0);
    std::vector<std::byte> record(16);
    const std::uint64_t written = map.element(2, 5);
    Stamper(kSeed).fill(record, written, 1);
    file->write_at(record, map.record_offset_bytes(written));

    std::atomic<std::uint64_t> read_bytes = 0;
    ScanRequest request = request_of(map, view_of("pread", path), {view_of("pread", path)});
    request.open_file = [&](const std::string& name, const OpenOptions& options) {
      return std::make_unique<CountedFile>(open_posix_file(name, options), read_bytes);
    };
    auto& promises = request.subject.expectation.promises;
    promises.resize(4, {.kept = 0, .newest = 1});
    const Findings unwritten = scan(request);
    CHECK(unwritten.records_checked == kRecords);
    CHECK(unwritten.unwritten == kRecords - 1);
    CHECK(unwritten.anomalies.damaging() == 0);
    CHECK(read_bytes < (4 << 20));
    std::filesystem::remove(path);
  }
  const ArrayMap small({.records = 100000, .writers = 4});
  open_posix_file(path, {.access = Access::write, .create_new = true})->write_at(small.header(), 0);
  std::filesystem::resize_file(path, small.file_bytes());
  ScanRequest request = request_of(small, view_of("pread", path), {});
  request.subject.expectation.promises.resize(4, {.kept = 0, .newest = 1});
  request.subject.expectation.promises[1] = {.kept = 1, .newest = 1};
  request.subject.expectation.promises[3] = {.kept = 0, .newest = 1, .newest_records = 10};
  const Findings lost = scan(request);
  CHECK(lost.anomalies[Anomaly::hole] == 25010);
  CHECK(lost.unwritten == 74990);
}

TEST_CASE("every read path finds damage in the first, the last, and a record at a border of pieces",
          "[scan]") {
  const TemporaryFolder folder;
  const ArrayMap map({.records = 200000, .ownership = Ownership::cyclic, .writers = 7});
  const std::string path = folder.file("a.npy");
  write_right(map, path);
  const std::vector<std::uint64_t> struck{0, 65535, 65536, 199999};
  for (const std::uint64_t element : struck) zero(path, map.record_offset_bytes(element), 16);
  for (const ReadPathRow& row : read_path_table()) {
    const Findings findings = scan(request_of(map, view_of(row.name, path), {}));
    CAPTURE(row.name);
    CHECK(findings.anomalies[Anomaly::hole] == struck.size());
    REQUIRE(findings.examples.size() == struck.size());
    for (std::size_t i = 0; i < struck.size(); ++i) {
      CHECK(findings.examples[i].record == struck[i]);
      CHECK(findings.examples[i].writer == struck[i] % 7);
      CHECK(findings.examples[i].unit_writers == std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5, 6});
    }
  }
}

TEST_CASE("examples are the first in the file, however many there are", "[scan]") {
  const TemporaryFolder folder;
  const ArrayMap map({.records = 200000});
  const std::string path = folder.file("a.npy");
  write_right(map, path);
  zero(path, map.record_offset_bytes(1000), 16 * 150000);
  const Findings findings = scan(request_of(map, view_of("pread", path), {}));
  CHECK(findings.anomalies[Anomaly::hole] == 150000);
  REQUIRE(findings.examples.size() == kMostExamples);
  for (std::size_t i = 0; i < kMostExamples; ++i) CHECK(findings.examples[i].record == 1000 + i);
}

TEST_CASE("old content in a view alone is stale; damage in the store keeps its class", "[scan]") {
  const TemporaryFolder folder;
  const ArrayMap map({.records = 100});
  write_right(map, folder.file("store.npy"));
  write_right(map, folder.file("view.npy"));
  zero(folder.file("view.npy"), map.record_offset_bytes(7), 16);
  zero(folder.file("store.npy"), map.record_offset_bytes(9), 16);
  const Findings findings = scan(request_of(map, view_of("pread", folder.file("store.npy")),
                                            {view_of("mmap", folder.file("view.npy"))}));
  CHECK(findings.anomalies[Anomaly::stale] == 1);
  CHECK(findings.anomalies[Anomaly::hole] == 1);
  CHECK(findings.anomalies.damaging() == 1);
  REQUIRE(findings.examples.size() == 2);
  CHECK(findings.examples[0].view == "mmap@" + folder.file("view.npy"));
  CHECK(findings.examples[0].record == 7);
  CHECK(findings.examples[1].record == 9);
}

TEST_CASE("a view with content that no writer wrote is not stale but damaged", "[scan]") {
  const TemporaryFolder folder;
  const ArrayMap map({.records = 100});
  write_right(map, folder.file("store.npy"));
  write_right(map, folder.file("view.npy"));
  const std::vector<std::byte> noise(16, std::byte{0x33});
  open_posix_file(folder.file("view.npy"), {.access = Access::write})
      ->write_at(noise, map.record_offset_bytes(7));
  const Findings findings = scan(request_of(map, view_of("pread", folder.file("store.npy")),
                                            {view_of("pread", folder.file("view.npy"))}));
  CHECK(findings.anomalies[Anomaly::corrupt] == 1);
}

TEST_CASE("records missing from a truncated file are holes on every read path", "[scan]") {
  const TemporaryFolder folder;
  const ArrayMap map({.records = 100000});
  const std::string path = folder.file("a.npy");
  write_right(map, path);
  std::filesystem::resize_file(path, map.record_offset_bytes(40000));
  for (const ReadPathRow& row : read_path_table()) {
    CAPTURE(row.name);
    const Findings findings = scan(request_of(map, view_of(row.name, path), {}));
    CHECK(findings.anomalies[Anomaly::hole] == 60000);
  }
  std::filesystem::resize_file(path, 0);
  const Findings findings = scan(request_of(map, view_of("mmap", path), {}));
  CHECK(findings.anomalies[Anomaly::header] == 1);
}

TEST_CASE("a view that cannot be opened is an error that leaves the parallel region", "[scan]") {
  const TemporaryFolder folder;
  const ArrayMap map({.records = 1000000});
  CHECK_THROWS_AS(scan(request_of(map, view_of("pread", folder.file("none.npy")), {})),
                  SystemError);
}

TEST_CASE("a cancelled scan ends", "[scan]") {
  const TemporaryFolder folder;
  const ArrayMap map({.records = 100000});
  write_right(map, folder.file("a.npy"));
  ScanRequest request = request_of(map, view_of("pread", folder.file("a.npy")), {});
  request.cancelled = [] { return true; };
  CHECK_THROWS_AS(scan(request), ScanCancelled);
}

TEST_CASE("a page cached during a write is stale, wherever old and new content meet", "[scan]") {
  const TemporaryFolder folder;
  const ArrayMap map({.descr = "|V20", .records = 100, .writers = 2});
  const std::string store = folder.file("store.npy");
  const std::string cached = folder.file("cached.npy");
  write_right(map, store);
  std::filesystem::copy_file(store, cached);
  // Zeros up to the middle of a lane of record 7, correct content from there.
  zero(cached, map.record_offset_bytes(7), 3);
  const auto seen = [&] {
    return scan(request_of(map, view_of("pread", store), {view_of("pread", cached)}));
  };
  CHECK(seen().anomalies[Anomaly::stale] == 1);
  CHECK(seen().anomalies.damaging() == 0);
  // A flipped bit is not old content.
  const std::vector<std::byte> flipped(1, std::byte{0x5a});
  open_posix_file(cached, {.access = Access::write})
      ->write_at(flipped, map.record_offset_bytes(9) + 4);
  CHECK(seen().anomalies[Anomaly::stale] == 1);
  CHECK(seen().anomalies[Anomaly::corrupt] == 1);
  // In the judge's view a cut lane is damage.
  const Findings damage = scan(request_of(map, view_of("pread", cached), {}));
  CHECK(damage.anomalies[Anomaly::corrupt] == 2);
}
