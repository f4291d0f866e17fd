#include "bench/watch/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <utility>

#include "bench/watch/collector/page_scan.h"
#include "bench/watch/process_log.h"
#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "core/file/posix_file.h"
#include "core/os/descriptor.h"
#include "core/os/process.h"

namespace npyrace::watch {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kInterval{1000};
/// Scans may take at most one hundredth of the time.
constexpr int kIntervalsPerLook = 100;

/// True if the process descends from a child of this process, and its log is not closed.
bool is_ours(const ProcessLog& log) {
  // A process id of another node means another process.
  static const std::string here = first_line("/proc/sys/kernel/random/boot_id");
  return log.ended_ns == 0 && log.watcher == ::getpid() && log.boot_id == here;
}

/// The pages of the mapping to which the process has stored since its own last scan; nothing if the
/// process has ended or cannot be read.
std::vector<ByteRange> stored_pages(const Descriptor& pagemap, const Map& map) {
  std::vector<ByteRange> pages;
  const std::uint64_t end = map.address + (map.to - map.from);
  std::array<PageRegion, 256> regions;
  for (std::uint64_t at = map.address; at < end;) {
    ScanRequest request = scan_request(at, end, regions.data(), regions.size(), kCheckAsync);
    const long count = ::syscall(SYS_ioctl, pagemap.number(), kPagemapScan, &request);
    if (count < 0) return {};
    for (long i = 0; i < count; ++i)
      pages.push_back(
          {map.from + (regions[i].start - map.address), map.from + (regions[i].end - map.address)});
    if (request.walk_end <= at) break;
    at = request.walk_end;
  }
  return pages;
}

/// Appends to the log of a process that has ended.
class LogCompletion {
 public:
  explicit LogCompletion(const std::string& path)
      : file_(open_posix_file(path, {.access = npyrace::Access::read_write})) {
    file_->read_at(std::as_writable_bytes(std::span(&header_, 1)), 0);
  }

  void add(const ProcessLog& log, const Map& map, const std::vector<ByteRange>& pages) {
    const std::uint64_t count = header_.ranges & ~kAreaBit;
    if (header_.sessions == kMostSessions || count + pages.size() > kMostRanges) return;
    const Session session{
        .file = map.file, .open_flags = 1u << O_RDWR, .opened = log.process_started};
    put(kSessionsAt + header_.sessions * sizeof(Session), session);
    const std::uint64_t area = (header_.ranges & kAreaBit) != 0 ? kAreaBytes : 0;
    for (std::size_t i = 0; i < pages.size(); ++i)
      put(kRangesAt + area + (count + i) * sizeof(Range), Range{.from = pages[i].begin,
                                                                .to = pages[i].end,
                                                                .session = header_.sessions,
                                                                .what = What::stored,
                                                                .lock = kNone});
    header_.sessions += 1;
    header_.ranges += pages.size();
    put(0, header_);
  }

 private:
  template <typename Entry>
  void put(std::uint64_t offset_bytes, const Entry& entry) {
    file_->write_at(std::as_bytes(std::span(&entry, 1)), offset_bytes);
  }

  std::unique_ptr<npyrace::File> file_;
  Header header_{};
};

}  // namespace

void Supervisor::look_at(const std::string& log_path) {
  const ProcessLog log = read_process_log(log_path);
  if (!is_ours(log)) return;
  const std::string path = "/proc/" + std::to_string(log.pid) + "/pagemap";
  const Descriptor pagemap(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!pagemap) return;
  Stores stores;
  for (std::size_t i = 0; i < log.maps.size(); ++i)
    if (log.maps[i].live != 0) stores[i] = stored_pages(pagemap, log.maps[i]);
  // A process that was just killed shows no pages, so the result of the previous scan is kept.
  if (std::ranges::any_of(stores, [](const auto& one) { return !one.second.empty(); }))
    seen_[log_path] = std::move(stores);
}

void Supervisor::look() {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    if (entry.path().extension() != kLogSuffix) continue;
    try {
      look_at(entry.path().string());
    } catch (const std::runtime_error&) {
      continue;  // it is just being written
    }
  }
}

void Supervisor::complete_logs() const {
  for (const auto& [path, stores] : seen_) {
    try {
      const ProcessLog log = read_process_log(path);
      if (log.ended_ns != 0 || ::kill(static_cast<pid_t>(log.pid), 0) == 0) continue;
      LogCompletion completion(path);
      for (const auto& [map, pages] : stores)
        if (!pages.empty() && map < log.maps.size()) completion.add(log, log.maps[map], pages);
    } catch (const std::runtime_error&) {
      continue;  // the report says that the log cannot be read
    }
  }
}

int Supervisor::wait_for(pid_t child) {
  const Descriptor exit(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  milliseconds interval = kInterval;
  while (exit) {
    pollfd event{.fd = exit.number(), .events = POLLIN, .revents = 0};
    const int ready = ::poll(&event, 1, static_cast<int>(interval.count()));
    if (ready > 0 || (ready < 0 && errno != EINTR)) break;
    const auto start = Clock::now();
    look();
    const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - start);
    interval = std::max(kInterval, kIntervalsPerLook * took);
  }
  const int status = wait_for_exit(child);
  complete_logs();
  return status;
}

}  // namespace npyrace::watch
