#include "bench/lab/server/file_locks.h"

#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <limits>

namespace npyrace::lab {
namespace {

constexpr std::uint64_t kEndOfAll = std::numeric_limits<std::uint64_t>::max();

Descriptor open_again(int path) {
  const std::string name = fmt::format("/proc/self/fd/{}", path);
  int number = ::open(name.c_str(), O_RDWR | O_CLOEXEC);
  if (number < 0) number = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  return Descriptor(number);
}

ByteRange range_of(const struct flock& lock) {
  const auto begin = static_cast<std::uint64_t>(lock.l_start);
  return {begin, lock.l_len == 0 ? kEndOfAll : begin + static_cast<std::uint64_t>(lock.l_len)};
}

}  // namespace

FileLocks::Owner* FileLocks::owner(Who who, int path) {
  const auto found = owners_.find(who);
  if (found != owners_.end()) return &found->second;
  Descriptor file = open_again(path);
  if (!file) return nullptr;
  return &owners_.emplace(who, Owner{std::move(file), {}}).first->second;
}

int FileLocks::set(Who who, std::uint64_t handle, int path, const struct flock& lock) {
  const std::lock_guard guard(mutex_);
  if (lock.l_type == F_UNLCK && !owners_.contains(who)) return 0;
  Owner* const holder = owner(who, path);
  if (holder == nullptr) return errno;
  holder->handle = handle;
  struct flock request = lock;
  request.l_pid = 0;
  if (::fcntl(holder->file.number(), F_OFD_SETLK, &request) != 0) return errno;
  const ByteRange range = range_of(lock);
  lock.l_type == F_UNLCK ? holder->held.subtract(range) : holder->held.add(range);
  holder->whole_write = lock.l_type == F_WRLCK && range.begin == 0 && range.end == kEndOfAll;
  if (holder->held.empty() && !holder->flocked) owners_.erase(who);
  return 0;
}

int FileLocks::get(Who who, int path, struct flock& lock) {
  const std::lock_guard guard(mutex_);
  Owner* const holder = owner(who, path);
  if (holder == nullptr) return errno;
  lock.l_pid = 0;
  return ::fcntl(holder->file.number(), F_OFD_GETLK, &lock) == 0 ? 0 : errno;
}

int FileLocks::set_flock(Who who, int path, int operation) {
  const std::lock_guard guard(mutex_);
  const bool unlocks = (operation & LOCK_UN) != 0;
  if (unlocks && !owners_.contains(who)) return 0;
  Owner* const holder = owner(who, path);
  if (holder == nullptr) return errno;
  if (::flock(holder->file.number(), operation | LOCK_NB) != 0) return errno;
  holder->flocked = !unlocks;
  if (holder->held.empty() && unlocks) owners_.erase(who);
  return 0;
}

void FileLocks::release(Who who) {
  const std::lock_guard guard(mutex_);
  owners_.erase(who);
}

void FileLocks::release_handle(std::uint64_t handle) {
  const std::lock_guard guard(mutex_);
  std::erase_if(owners_, [&](const auto& entry) {
    return entry.second.handle == handle && !entry.second.flocked;
  });
}

bool FileLocks::partial_on(unsigned node) {
  const std::lock_guard guard(mutex_);
  for (const auto& [who, holder] : owners_)
    if (who.node == node && (holder.flocked || (!holder.held.empty() && !holder.whole_write)))
      return true;
  return false;
}

bool FileLocks::any_on(Who who) {
  const std::lock_guard guard(mutex_);
  const auto found = owners_.find(who);
  return found != owners_.end() && (!found->second.held.empty() || found->second.flocked);
}

}  // namespace npyrace::lab
