#include "bench/jobs/claim.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "bench/race/race_file_name.h"
#include "core/error.h"

namespace npyrace {
namespace {

enum class LockAnswer { ours, somebody_elses, no_locks };

LockAnswer try_lock(int descriptor, const std::string& path) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(descriptor, F_OFD_SETLK, &whole) == 0) return LockAnswer::ours;
  if (errno == EAGAIN || errno == EACCES) return LockAnswer::somebody_elses;
  if (errno == ENOLCK || errno == ENOSYS || errno == EOPNOTSUPP || errno == EINVAL)
    return LockAnswer::no_locks;
  throw SystemError({path, "fcntl F_OFD_SETLK"}, errno);
}

/// Only what is certain: a process of this machine that still runs.
bool certainly_lives(const JobAttempt& attempt) {
  const RaceFileOwner owner{.host = attempt.host,
                            .boot = attempt.boot,
                            .pid = attempt.pid,
                            .start_ticks = attempt.start_ticks};
  const RaceFileOwner self = this_process();
  const bool here = owner.host == self.host && owner.boot == self.boot;
  return here && owner.pid != self.pid && !has_ended(owner, attempt.start_ns / 1'000'000'000);
}

[[noreturn]] void refuse(const std::string& path, const std::optional<JobAttempt>& holder) {
  throw FormatError(fmt::format("{}: another job writes this share now{}{}", path,
                                holder ? ": " : "", holder ? describe(*holder) : ""));
}

}  // namespace

Claim::Claim(std::string path, JobAttempt mine) : path_(std::move(path)), mine_(std::move(mine)) {
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw SystemError({path_, "open"}, errno);
  try {
    const LockAnswer answer = try_lock(descriptor_, path_);
    before_ = read_job_attempt(path_);
    if (answer == LockAnswer::somebody_elses) refuse(path_, before_);
    if (answer == LockAnswer::no_locks && before_ && certainly_lives(*before_))
      refuse(path_, before_);
    mine_.number = before_ ? before_->number + 1 : 1;
    write();
  } catch (...) {
    ::close(descriptor_);  // the destructor of a half-made object does not run
    throw;
  }
}

Claim::~Claim() {
  ::close(descriptor_);
}

/// In place: a new file under the name would not be the one that is locked.
void Claim::write() {
  const std::string text = to_text(mine_);
  const auto size = static_cast<ssize_t>(text.size());
  if (::pwrite(descriptor_, text.data(), text.size(), 0) != size)
    throw SystemError({path_, "pwrite"}, errno != 0 ? errno : EIO);
  if (::ftruncate(descriptor_, size) != 0) throw SystemError({path_, "ftruncate"}, errno);
  if (::fsync(descriptor_) != 0) throw SystemError({path_, "fsync"}, errno);
}

std::optional<JobAttempt> Claim::taken_since() const {
  auto now = read_job_attempt(path_);
  return now && now->id != mine_.id ? now : std::nullopt;
}

}  // namespace npyrace
