#include "bench/launchers/claim.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <string_view>

#include "bench/storage/race_file.h"
#include "core/base/error.h"

namespace npyrace {
namespace {

constexpr QueueRow kQueues[] = {
    {"SLURM_ARRAY_TASK_ID", 0, "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX",
     "SLURM_ARRAY_TASK_STEP", "SLURM_ARRAY_TASK_COUNT"},
    {"PBS_ARRAYID", 0, nullptr, nullptr, nullptr, nullptr},
    {"PBS_ARRAY_INDEX", 0, nullptr, nullptr, nullptr, nullptr},
    // Grid Engine and LSF have no task 0.
    {"SGE_TASK_ID", 0, "SGE_TASK_FIRST", "SGE_TASK_LAST", "SGE_TASK_STEPSIZE", nullptr, 1},
    // A job outside an array has index 0.
    {"LSB_JOBINDEX", 1, nullptr, "LSB_JOBINDEX_END", "LSB_JOBINDEX_STEP", nullptr, 1},
};

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> number_in(const char* name, const Variables& variables) {
  const auto text = name == nullptr ? std::nullopt : variables(name);
  return text ? whole_number(*text) : std::nullopt;
}

WorkerNumber parse(const std::string& typed) {
  const std::size_t slash = typed.find('/');
  const auto number = whole_number(std::string_view(typed).substr(0, slash));
  const auto of = slash == std::string::npos
                      ? std::nullopt
                      : whole_number(std::string_view(typed).substr(slash + 1));
  if (!number || (slash != std::string::npos && !of))
    throw UsageError(
        fmt::format("--worker {}: the form is I/N, counted from 0: 0/4, 1/4, 2/4, 3/4", typed));
  return {.number = *number, .of = of, .source = "--worker " + typed};
}

/// Sets the number of tasks and whether their numbers are equally spaced, if the batch system gives
/// them.
void count_tasks(const QueueRow& row, const Variables& variables, std::uint64_t first,
                 std::uint64_t step, WorkerNumber& worker) {
  const auto last = number_in(row.last_variable, variables);
  worker.tasks = number_in(row.count_variable, variables);
  if (!last || *last < first) return;
  const std::uint64_t span = (*last - first) / step + 1;
  worker.even = !worker.tasks || *worker.tasks == span;
  if (!worker.tasks) worker.tasks = span;
}

/// Grid Engine sets SGE_TASK_ID to "undefined" outside array jobs: a value that is not a number
/// counts as unset.
std::optional<WorkerNumber> from_queue(const QueueRow& row, const Variables& variables) {
  const auto number = number_in(row.variable, variables);
  if (!number || *number < row.first) return std::nullopt;
  const std::string source = fmt::format("{}={}", row.variable, *number);
  const std::uint64_t first = number_in(row.first_variable, variables).value_or(row.first);
  const std::uint64_t step = number_in(row.step_variable, variables).value_or(1);
  if (*number < first || step == 0 || (*number - first) % step != 0)
    throw UsageError(
        fmt::format("{} is no task number when they begin with {} in steps of {}; say whose share "
                    "this is: --worker I/N",
                    source, first, step));
  WorkerNumber worker{.number = (*number - first) / step,
                      .of = {},
                      .source = source,
                      .expression = row.least == 0
                                        ? fmt::format("${}", row.variable)
                                        : fmt::format("$(({}-{}))", row.variable, row.least)};
  count_tasks(row, variables, first, step, worker);
  return worker;
}

/// A job started from within a job of another batch system has the variables of both.
void require_same(const WorkerNumber& first, const WorkerNumber& other) {
  if (first.number == other.number) return;
  throw UsageError(
      fmt::format("{} and {} are both set, and name different workers; say whose share "
                  "this is: --worker I/N",
                  first.source, other.source));
}

}  // namespace

std::span<const QueueRow> queue_table() {
  return kQueues;
}

WorkerNumber worker_number(const std::string& typed, const Variables& variables) {
  if (!typed.empty()) return parse(typed);
  std::string names;
  std::optional<WorkerNumber> found;
  for (const QueueRow& row : kQueues) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", row.variable);
    const auto worker = from_queue(row, variables);
    if (!worker) continue;
    if (found) require_same(*found, *worker);
    if (!found || !found->tasks) found = worker;
  }
  if (found) return *found;
  throw UsageError(
      fmt::format("which worker is this? give --worker I/N; none of {} is set to a number", names));
}

void require_worker(const WorkerNumber& worker, std::uint64_t writers, const std::string& file) {
  if (worker.of && *worker.of != writers)
    throw UsageError(fmt::format("{}: {} was made for {} writers", worker.source, file, writers));
  if (worker.tasks && (*worker.tasks != writers || !worker.even))
    throw UsageError(fmt::format(
        "{}: the array job has {} tasks{}, and {} is for {} writers; say whose share this "
        "is, counted from 0, as in --worker {}/{}",
        worker.source, *worker.tasks, worker.even ? "" : " in uneven steps", file, writers,
        worker.expression, writers));
  if (worker.number >= writers)
    throw UsageError(
        fmt::format("{}: there is no worker {}: those of {} are counted from 0 to {}{}",
                    worker.source, worker.number, file, writers == 0 ? 0 : writers - 1,
                    worker.expression.empty() ? "" : "; say whose share this is: --worker I/N"));
}

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

/// True only for a process of this machine that still runs.
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
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
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
    ::close(descriptor_);  // the destructor does not run after an exception in the constructor
    throw;
  }
}

Claim::~Claim() {
  ::close(descriptor_);
}

/// Writes in place: a new file under this name would not be locked.
void Claim::write() {
  const std::string text = to_text(mine_);
  const auto size = static_cast<ssize_t>(text.size());
  if (uninterrupted([&] { return ::pwrite(descriptor_, text.data(), text.size(), 0); }) != size)
    throw SystemError({path_, "pwrite"}, errno != 0 ? errno : EIO);
  if (uninterrupted([&] { return ::ftruncate(descriptor_, size); }) != 0)
    throw SystemError({path_, "ftruncate"}, errno);
  if (uninterrupted([&] { return ::fsync(descriptor_); }) != 0)
    throw SystemError({path_, "fsync"}, errno);
}

std::optional<JobAttempt> Claim::taken_since() const {
  auto now = read_job_attempt(path_);
  return now && now->id != mine_.id ? now : std::nullopt;
}

}  // namespace npyrace
