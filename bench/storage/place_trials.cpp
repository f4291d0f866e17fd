#include "bench/storage/place_trials.h"

#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <thread>

#include "bench/storage/race_file.h"
#include "bench/storage/views.h"
#include "core/array/array_map.h"
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
  if (*before > 0) return {false, dir + ": pages stay in memory when they are to be dropped"};
  // If a read fills the empty page cache, it went through it.
  const bool direct = std::string_view(judge.read_path->name) == "direct";
  judge.read_path->open(open_file, path)->read(0, static_cast<std::size_t>(map.file_bytes()));
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

/// Unlocks explicitly: on FUSE, close alone leaves the lock at the server.
bool take_and_give_up(File& file) {
  const bool granted = file.try_lock(0, kBytes);
  if (granted) file.unlock(0, kBytes);
  return granted;
}

/// True if another open cannot get the range while it is locked. A second lock through the same
/// open file would succeed.
bool excludes(File& holder, File& other) {
  holder.lock(0, kBytes);
  const bool granted = take_and_give_up(other);
  holder.unlock(0, kBytes);
  return !granted;
}

/// A file system that grants no locks at all excludes everybody, but is of no use.
bool grants(File& holder, File& other) {
  return take_and_give_up(other) && take_and_give_up(holder);
}

std::string try_pairs(const std::vector<std::string>& dirs, const FileOpener& open_file) {
  const RaceFile made(dirs, ArrayMap({.records = 16}), open_file, array_maker(Making::unsynced));
  for (std::size_t a = 0; a < dirs.size(); ++a)
    for (std::size_t b = 0; b < dirs.size(); ++b) {
      // two opens, through one mount or two
      const auto holder = open_file(made.paths()[a], {.access = Access::read_write});
      const auto other = open_file(made.paths()[b], {.access = Access::read_write});
      if (!excludes(*holder, *other))
        return a == b ? fmt::format(
                            "locks do not exclude: two openings through {} were granted the "
                            "same bytes at once",
                            dirs[a])
                      : fmt::format(
                            "locks do not exclude: {} and {} were granted the same bytes at "
                            "once",
                            dirs[a], dirs[b]);
      if (!grants(*holder, *other))
        return fmt::format("a lock that was given up through {} is not granted through {}", dirs[a],
                           dirs[b]);
    }
  return "";
}

}  // namespace

LockHolder::LockHolder(const std::string& path, const FileOpener& open_file)
    : file_(open_file(path, {.access = Access::read_write})) {
  if (!file_->try_lock(0, kBytes)) throw FormatError(path + ": a free lock is not granted");
}

void LockHolder::give_up() {
  file_->unlock(0, kBytes);
}

bool is_lock_granted(const std::string& path, const FileOpener& open_file) {
  return take_and_give_up(*open_file(path, {.access = Access::read_write}));
}

std::string try_locks(const std::vector<std::string>& dirs, const FileOpener& open_file) {
  try {
    return try_pairs(dirs, open_file);
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
