#include "bench/race/lock_trial.h"

#include <fmt/format.h>

#include <exception>

#include "bench/race/race_file.h"
#include "core/array_map.h"
#include "core/error.h"

namespace npyrace {
namespace {

constexpr std::uint64_t kBytes = 64;

/// Given up in so many words: on FUSE a close alone leaves such a lock with the server.
bool take_and_give_up(File& file) {
  const bool granted = file.try_lock(0, kBytes);
  if (granted) file.unlock(0, kBytes);
  return granted;
}

/// True when nobody gets the range while it is held; the same open file would.
bool excludes(File& holder, File& other) {
  holder.lock(0, kBytes);
  const bool granted = take_and_give_up(other);
  holder.unlock(0, kBytes);
  return !granted;
}

/// A file system that never grants anything excludes well and is no use.
bool grants(File& holder, File& other) {
  return take_and_give_up(other) && take_and_give_up(holder);
}

std::string try_pairs(const std::vector<std::string>& dirs, const FileOpener& open_file) {
  const RaceFile made(dirs, ArrayMap({.records = 16}), open_file, array_maker(Making::unsynced));
  for (std::size_t a = 0; a < dirs.size(); ++a)
    for (std::size_t b = 0; b < dirs.size(); ++b) {
      // Two openings, through one mount or two.
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
  if (!file_->try_lock(0, kBytes))
    throw FormatError(path + ": a lock that nobody holds is not granted");
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

}  // namespace npyrace
