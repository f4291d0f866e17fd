#include "bench/storage/place_trials.h"

#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <thread>
#include <utility>

#include "bench/storage/race_file.h"
#include "bench/storage/views.h"
#include "core/array/array_map.h"
#include "core/base/checked.h"
#include "core/base/error.h"

namespace npyrace {

namespace {

JudgeTrial look(const std::string& dir, const FileOpener& open_file) {
  const ArrayMap map({.records = 4096});
  const RaceFile made({dir}, map, open_file);
  const std::string& path = made.paths().front();
  const View judge = choose_judge(path, dir, open_file);
  const auto file = open_file(path, {});
  file->sync();
  file->drop_cache(0, map.file_bytes());
  const auto before = file->cached_bytes();
  if (!before) return {};
  if (*before > 0) return {false, dir + ": pages stay in memory after a request to drop them"};
  // If a read fills the empty page cache, it went through it.
  const bool direct = std::string_view(judge.read_path->name) == "direct";
  judge.read_path->open(open_file, path)->read(0, as_size(map.file_bytes()));
  if (direct && file->cached_bytes().value_or(0) > 0)
    return {false, dir + ": O_DIRECT reads go through the page cache"};
  return {};
}

}  // namespace

JudgeTrial try_judge(const std::string& dir, const FileOpener& open_file) {
  try {
    return look(dir, open_file);
  } catch (const std::exception& error) {
    return {false, std::string("it could not be tried: ") + error.what()};
  }
}

namespace {

constexpr std::uint64_t kBytes = 64;

/// Why the locks of two lockers do not exclude each other; empty: they do.
std::string try_pair(const NamedLocker& holder, const NamedLocker& other) {
  holder.locker->take();
  const bool granted_to_both = other.locker->is_granted();
  holder.locker->give_up();
  if (granted_to_both)
    return fmt::format(
        "locks do not exclude: {} were granted the same bytes at once",
        &holder == &other ? holder.twice : fmt::format("{} and {}", holder.name, other.name));
  if (!other.locker->is_granted())
    return fmt::format("a lock that was given up {} is not granted {}", holder.by, other.to);
  return "";
}

}  // namespace

FileLocker::FileLocker(std::string path, FileOpener open_file)
    : path_(std::move(path)), open_file_(std::move(open_file)) {}

void FileLocker::take() {
  file_ = open_file_(path_, {.access = Access::read_write});
  if (!file_->try_lock(0, kBytes)) throw FormatError(path_ + ": a free lock is not granted");
}

/// Unlocks explicitly: on FUSE, close alone leaves the lock at the server.
void FileLocker::give_up() {
  file_->unlock(0, kBytes);
  file_.reset();
}

bool FileLocker::is_granted() {
  const auto file = open_file_(path_, {.access = Access::read_write});
  const bool granted = file->try_lock(0, kBytes);
  if (granted) file->unlock(0, kBytes);
  return granted;
}

std::string try_lockers(const std::vector<NamedLocker>& lockers) {
  for (const NamedLocker& holder : lockers)
    for (const NamedLocker& other : lockers)
      if (std::string why = try_pair(holder, other); !why.empty()) return why;
  return "";
}

std::string try_locks(const std::vector<std::string>& dirs, const FileOpener& open_file) {
  try {
    const RaceFile made(dirs, ArrayMap({.records = 16}), open_file, array_maker(Making::unsynced));
    std::vector<NamedLocker> lockers;
    for (std::size_t i = 0; i < dirs.size(); ++i) {
      const std::string through = "through " + dirs[i];
      lockers.push_back({std::make_unique<FileLocker>(made.paths()[i], open_file), dirs[i],
                         "two openings " + through, through, through});
    }
    return try_lockers(lockers);
  } catch (const std::exception& error) {
    return error.what();
  }
}

Findings scan_settled(const ScanRequest& request,
                      const std::function<Findings(const ScanRequest&)>& scan) {
  constexpr int kMostLooks = 5;
  Findings findings = scan(request);
  for (int looks = 1; findings.uncached_differences > 0 && looks < kMostLooks; ++looks) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    findings = scan(request);
  }
  return findings;
}

}  // namespace npyrace
