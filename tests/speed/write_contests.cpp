#include <cerrno>
#include <memory>
#include <stdexcept>

#include "bench/race/availability.h"
#include "bench/storage/race_file.h"
#include "bench/strategies/writer.h"
#include "core/base/error.h"
#include "core/file/posix_file.h"
#include "tests/speed/contest.h"
#include "tests/speed/hand_written.h"

namespace npyrace::speed {
namespace {

struct Rival {
  const char* strategy;
  int (*write)(const hand_written_job* job, const char* source);
};
constexpr Rival kRivals[] = {
    {"mmap", hand_written_mmap},
    {"mmap-window", hand_written_mmap_window},
    {"pwrite", hand_written_pwrite},
    {"pwrite-batch", hand_written_pwrite_batch},
    {"mmap-populate", hand_written_mmap_populate},
    {"pwritev", hand_written_pwritev},
    {"stdio", hand_written_stdio},
#ifdef NPYRACE_SPEED_URING
    {"io-uring", hand_written_io_uring},
#endif
};

struct Placement {
  const char* name;
  const char* layout;
  Ownership ownership;
};
constexpr Placement kPlacements[] = {
    {"packed/cyclic", "packed", Ownership::cyclic},
    {"packed/block", "packed", Ownership::block},
    {"padded-block", "padded-block", Ownership::block},
};

/// Files of 4 and 16 MB, of which one of four writers writes its quarter.
const ArrayRequest kArrays[] = {
    {.records = 250'000},
    {.descr = "<f8", .row_shape = {1000}, .records = 2000},
};

/// One writer's share of one file, with the same content for both sides.
class Share {
 public:
  Share(const ArrayRequest& request, const std::string& dir, const Rival& rival, const char* sync)
      : map_(request),
        file_({dir}, map_, open_posix_file),
        rival_(rival),
        writer_({.map = map_,
                 .stamper = Stamper(1),
                 .path = file_.paths().front(),
                 .open_file = open_posix_file,
                 .strategy = find_strategy(rival.strategy).strategy,
                 .sync = parse_sync_policy(sync)}) {
    writer_.prepare(1);
    fill_source();
    const StridedRun run = map_.runs(0).front();
    job_ = {.path = file_.paths().front().c_str(),
            .file_bytes = static_cast<std::size_t>(map_.file_bytes()),
            .first_bytes = static_cast<std::size_t>(run.first_offset_bytes),
            .step_bytes = static_cast<std::size_t>(run.step_bytes),
            .record_bytes = static_cast<std::size_t>(map_.record_bytes()),
            .records = static_cast<std::size_t>(run.records),
            .sync = parse_sync_policy(sync).at_end()};
  }

  void write_ours() { writer_.write(); }

  void write_theirs() const {
    if (rival_.write(&job_, reinterpret_cast<const char*>(source_.data())) != 0)
      throw SystemError({job_.path, rival_.strategy}, errno);
  }

  /// Checks that the hand-written loop writes the same bytes at the same places.
  void require_fair() {
    write_theirs();
    const auto file = open_posix_file(file_.paths().front(), {});
    std::vector<std::byte> record(job_.record_bytes);
    for (std::size_t i = 0; i < job_.records; ++i) {
      file->read_at(record, job_.first_bytes + i * job_.step_bytes);
      if (!Stamper(1).matches(record, map_.element(0, i), 1))
        throw std::runtime_error(std::string(rival_.strategy) + ": the rival writes nonsense");
    }
  }

 private:
  void fill_source() {
    const auto record_bytes = static_cast<std::size_t>(map_.record_bytes());
    source_.resize(static_cast<std::size_t>(map_.count(0)) * record_bytes);
    for (std::size_t i = 0; i < map_.count(0); ++i)
      Stamper(1).fill(std::span(source_).subspan(i * record_bytes, record_bytes),
                      map_.element(0, i), 1);
  }

  ArrayMap map_;
  RaceFile file_;
  Rival rival_;
  Writer writer_;
  std::vector<std::byte> source_;
  hand_written_job job_{};
};

Contest make_contest(const ArrayRequest& array, const Contestants& contestants,
                     const Placement& placement, const Rival& rival, const char* sync) {
  ArrayRequest request = array;
  request.records /= contestants.shrink;
  request.layout = placement.layout;
  request.ownership = placement.ownership;
  request.writers = hand_written_writers;
  const auto share = std::make_shared<Share>(request, contestants.dir, rival, sync);
  share->require_fair();
  const std::string record = request.row_shape.empty() ? "16" : "8000";
  return {.name = std::string(rival.strategy) + "/" + placement.name + "/" + record + "/" + sync,
          .rival = "hand-written",
          .ours = [share] { share->write_ours(); },
          .theirs = [share] { share->write_theirs(); }};
}

/// Omits strategies that the system refuses, as containers refuse io_uring.
std::vector<Rival> available_rivals(const std::string& dir) {
  std::vector<Rival> rivals;
  for (const Rival& rival : kRivals)
    if (try_strategy(find_strategy(rival.strategy), dir, open_posix_file).available)
      rivals.push_back(rival);
  return rivals;
}

}  // namespace

std::vector<Contest> write_contests(const Contestants& contestants) {
  std::vector<Contest> contests;
  for (const char* sync : {"none", "end"})
    for (const ArrayRequest& array : kArrays)
      for (const Placement& placement : kPlacements)
        for (const Rival& rival : available_rivals(contestants.dir))
          contests.push_back(make_contest(array, contestants, placement, rival, sync));
  return contests;
}

}  // namespace npyrace::speed
