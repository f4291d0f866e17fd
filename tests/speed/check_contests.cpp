#include <omp.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "bench/storage/race_file.h"
#include "bench/strategies/writer.h"
#include "core/base/error.h"
#include "core/file/posix_file.h"
#include "tests/speed/contest.h"
#include "tests/speed/hand_written.h"
#include "validators/scan.h"

namespace npyrace::speed {
namespace {

constexpr std::uint64_t kWriters = 4;
constexpr std::size_t kCallBytes = 1 << 20;

struct Array {
  const char* name;
  ArrayRequest request;
};

/// 32 MiB each: more than the processor's caches.
const Array kArrays[] = {
    {"packed/cyclic/16", {.records = 2'000'000, .ownership = Ownership::cyclic}},
    {"padded-block/16", {.records = 2'000'000, .layout = "padded-block"}},
    {"packed/cyclic/8000",
     {.descr = "<f8", .row_shape = {1000}, .records = 4000, .ownership = Ownership::cyclic}},
    {"padded-record/16", {.records = 8000, .layout = "padded-record"}},
};

WriterRequest request_of(const ArrayMap& map, const RaceFile& file, std::uint64_t writer) {
  return {.map = map,
          .stamper = map.stamper(1),
          .writer = writer,
          .path = file.paths().front(),
          .open_file = open_posix_file,
          .strategy = find_strategy("pwrite-batch").strategy,
          .sync = parse_sync_policy("none")};
}

/// A file in which every record is right.
class WrittenFile {
 public:
  WrittenFile(const ArrayRequest& request, const std::string& dir)
      : map_(request), file_({dir}, map_, open_posix_file), buffer_(kCallBytes) {
    for (std::uint64_t writer = 0; writer < map_.writers(); ++writer) {
      Writer one(request_of(map_, file_, writer));
      one.prepare(1);
      one.write();
    }
  }

  /// Uses one thread, as the code it is compared with. The judge is the only view unless `compared`
  /// is given.
  void scan_alone(const char* judge, const char* compared) const {
    omp_set_num_threads(1);
    const Expectation all_written;
    ScanRequest request{
        .subject = {.map = map_, .stamper = map_.stamper(1), .expectation = all_written},
        .open_file = open_posix_file,
        .judge = view(judge)};
    if (compared != nullptr) request.views.push_back(view(compared));
    const Findings findings = scan(request);
    if (findings.records_checked != map_.records() || !findings.examples.empty())
      throw std::runtime_error("a file without fault was found faulty");
  }

  void read_alone() {
    if (hand_written_read(path().c_str(), buffer_.data(), buffer_.size()) != 0)
      throw SystemError({path(), "read"}, errno);
  }

  std::size_t size_bytes() const { return static_cast<std::size_t>(map_.file_bytes()); }

 private:
  const std::string& path() const { return file_.paths().front(); }
  View view(const char* read_path) const {
    return {.read_path = &find_read_path(read_path), .path = path(), .label = read_path};
  }

  ArrayMap map_;
  RaceFile file_;
  std::vector<char> buffer_;
};

/// A plain copy of the same amount of memory: a lower bound of the time of any check.
class MemoryCopy {
 public:
  explicit MemoryCopy(std::size_t size_bytes) : from_(size_bytes, 1), to_(size_bytes, 2) {}
  void operator()() { std::memcpy(to_.data(), from_.data(), from_.size()); }

 private:
  std::vector<char> from_, to_;
};

void add_scans(std::vector<Contest>& contests, const Array& array, const Contestants& contestants) {
  ArrayRequest request = array.request;
  request.records /= contestants.shrink;
  request.writers = kWriters;
  const auto file = std::make_shared<WrittenFile>(request, contestants.dir);
  const auto copy = std::make_shared<MemoryCopy>(file->size_bytes());
  const auto add = [&](const std::string& how, auto ours, const char* rival, auto theirs) {
    contests.push_back({how + "/" + array.name + ":" + rival, rival, ours, theirs});
  };
  const auto read_file = [file] { file->read_alone(); };
  const auto copy_memory = [copy] { (*copy)(); };
  for (const char* judge : {"pread", "mmap"}) {
    const auto scan_file = [file, judge] { file->scan_alone(judge, nullptr); };
    add(std::string("scan-") + judge, scan_file, "read loop", read_file);
    add(std::string("scan-") + judge, scan_file, "memcpy", copy_memory);
  }
  add(
      "scan-pread+mmap", [file] { file->scan_alone("pread", "mmap"); }, "read loop", read_file);
}

/// One writer's content, generated again.
class Stamping {
 public:
  Stamping(const ArrayRequest& request, const std::string& dir)
      : map_(request),
        file_({dir}, ArrayMap({.records = 1}), open_posix_file),
        writer_(request_of(map_, file_, 0)) {}
  void operator()() { writer_.prepare(1); }
  std::size_t size_bytes() const {
    return static_cast<std::size_t>(map_.count(0) * map_.record_bytes());
  }

 private:
  ArrayMap map_;
  RaceFile file_;
  Writer writer_;
};

void add_stamping(std::vector<Contest>& contests, const Array& array,
                  const Contestants& contestants) {
  ArrayRequest request = array.request;
  request.records /= contestants.shrink;
  request.writers = kWriters;
  const auto stamping = std::make_shared<Stamping>(request, contestants.dir);
  const auto copy = std::make_shared<MemoryCopy>(stamping->size_bytes());
  contests.push_back({.name = std::string("stamp/") + array.name,
                      .rival = "memcpy",
                      .ours = [stamping] { (*stamping)(); },
                      .theirs = [copy] { (*copy)(); }});
}

}  // namespace

std::vector<Contest> check_contests(const Contestants& contestants) {
  std::vector<Contest> contests;
  for (const Array& array : kArrays) {
    add_scans(contests, array, contestants);
    add_stamping(contests, array, contestants);
  }
  return contests;
}

}  // namespace npyrace::speed
