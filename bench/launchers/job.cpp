#include "bench/launchers/job.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "bench/launchers/claim.h"
#include "bench/launchers/together.h"
#include "bench/storage/job_folder.h"
#include "bench/storage/mounts.h"
#include "bench/storage/views.h"
#include "bench/strategies/writer.h"
#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

struct stat status_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw SystemError({path, "stat"}, errno);
  return status;
}

/// Reads the header with O_DIRECT or not at all: reading through the page cache would also cache
/// the first records, which on NFS changes which records are lost.
void require_header(const std::string& path, const ArrayMap& map, const FileOpener& open_file) {
  const View view = choose_judge(path, "", open_file);
  if (view.read_path != &find_read_path("direct")) return;
  const auto reader = view.read_path->open(open_file, path);
  const auto found = reader->read(0, map.header().size());
  const auto [differing, wanted] = std::ranges::mismatch(found, map.header());
  if (differing == found.end()) return;
  throw FormatError(
      fmt::format("{}: the header is not that of the array it should be (at byte {}); nothing was "
                  "written",
                  path, differing - found.begin()));
}

/// Ensures that the job does not write to a file that is not its array.
void require_array(const std::string& path, const ArrayMap& map, const FileOpener& open_file) {
  const auto size_bytes = static_cast<std::uint64_t>(status_of(path).st_size);
  if (size_bytes != map.file_bytes())
    throw FormatError(
        fmt::format("{}: the file has {} bytes and its array needs {}; nothing was written", path,
                    size_bytes, map.file_bytes()));
  require_header(path, map, open_file);
}

/// Converts CLOCK_MONOTONIC, which writers use, to CLOCK_REALTIME.
class WallClock {
 public:
  std::int64_t operator()(std::int64_t monotonic) const { return monotonic + offset_ns_; }
  /// Offset from CLOCK_REALTIME to CLOCK_BOOTTIME.
  std::int64_t to_boottime_ns() const { return boottime_ns() - monotonic_ns() - offset_ns_; }

 private:
  std::int64_t offset_ns_ = realtime_ns() - monotonic_ns();
};

/// If the file server sets file times, a new file shows the server's clock.
void ask_file_server(const std::string& array_path, JobRecord& record) {
  const std::string folder = job_folder(array_path);
  if (!file_system_of(look_at_mounts({folder}).front().description.fs_type).server_sets_times)
    return;
  const std::string path = fmt::format("{}/clock-{:04}", folder, record.writer);
  ::unlink(path.c_str());
  const std::int64_t asked_ns = boottime_ns();
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) return;  // optional: without it the evidence is weaker
  struct stat status {};
  const bool known = ::fstat(descriptor, &status) == 0;
  const std::int64_t answered_ns = boottime_ns();
  ::close(descriptor);
  ::unlink(path.c_str());
  if (!known) return;
  record.asked_ns = asked_ns;
  record.answered_ns = answered_ns;
  record.server_ns = nanoseconds_of(status.st_mtim);
}

JobRecord record_of(const JobRequest& request, const WriterReport& report) {
  const WallClock wall;
  return {.writer = request.writer,
          .writers = request.known.array.writers,
          .version = NPYRACE_VERSION,
          .strategy = request.strategy,
          .sync = request.sync,
          .start_ns = wall(report.start_ns),
          .write_start_ns = wall(report.write_start_ns),
          .written_ns = wall(report.written_ns),
          .write_end_ns = wall(report.write_end_ns),
          .end_ns = wall(report.end_ns),
          .phases = report.phases,
          .clock = clock_here(),
          .clock_offset_ns = wall.to_boottime_ns()};
}

/// Other attempts at this share that ran at the same time: one that took it from us, or one that we
/// replaced and that finished after our start.
std::vector<std::string> others_met(const Claim& claim, const std::string& record_path) {
  std::vector<std::string> met;
  if (const auto after = claim.taken_since()) met.push_back(describe(*after));
  const auto other = read_job_record(record_path);
  const bool same_time = other && claim.before() && other->attempt.id == claim.before()->id &&
                         other->end_ns > claim.mine().start_ns;
  if (same_time) met.push_back(describe(other->attempt));
  return met;
}

Gathered gather(const JobRequest& request) {
  if (request.together.count() == 0) return {};
  return wait_together({.folder = job_folder(request.path),
                        .writer = request.writer,
                        .writers = request.known.array.writers,
                        .generation = request.generation,
                        .limit = request.together});
}

JobAttempt attempt_at(const JobRequest& request) {
  JobAttempt attempt = this_attempt();
  attempt.array_id = request.known.id;
  attempt.stamp_seed = request.known.stamp_seed;
  attempt.generation = request.generation;
  return attempt;
}

}  // namespace

JobRecord do_job(const JobRequest& request, const FileOpener& open_file) {
  const ArrayMap map(request.known.array);
  const Strategy& strategy = find_strategy(request.strategy).strategy;
  if (strategy.together != Aggregation::nothing)
    throw UsageError(
        fmt::format("--strategy {}: one writer collects the records of all, which "
                    "independent jobs cannot do; race it with: npyrace run",
                    request.strategy));
  if (strategy.needs_ranks)
    throw UsageError(
        fmt::format("--strategy {}: MPI-IO needs ranks that are started together; race "
                    "it with: mpirun -n 4 npyrace run --launcher mpi",
                    request.strategy));
  const std::string unfit = strategy.unfit_for(map);
  if (!unfit.empty())
    throw UsageError(fmt::format("{}: --strategy {}: {}", request.path, request.strategy, unfit));
  require_array(request.path, map, open_file);
  make_job_folder(request.path);
  const Claim claim(job_claim_path(request.path, request.writer), attempt_at(request));
  Writer writer({.map = map,
                 .stamper = map.stamper(request.known.stamp_seed),
                 .writer = request.writer,
                 .path = request.path,
                 .open_file = open_file,
                 .strategy = strategy,
                 .sync = parse_sync_policy(request.sync)});
  writer.prepare(request.generation);
  const Gathered gathered = gather(request);
  end_at_interrupts();
  JobRecord record = record_of(request, writer.write());
  record.attempt = claim.mine();
  record.cache = fmt::format("{}:{}", record.attempt.host, status_of(request.path).st_dev);
  record.records = map.count(request.writer);
  record.present = gathered.present;
  record.there_ns = gathered.there_ns;
  record.sightings = gathered.sightings;
  ask_file_server(request.path, record);
  const std::string path = job_record_path(request.path, request.writer);
  record.met = others_met(claim, path);
  write_file_atomically(path, to_text(record));
  return record;
}

}  // namespace npyrace
