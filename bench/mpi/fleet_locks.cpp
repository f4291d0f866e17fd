#include "bench/mpi/fleet_locks.h"

#include <fmt/format.h>

#include <memory>

#include "bench/interrupt.h"
#include "bench/mpi/fleet.h"
#include "bench/race/lock_trial.h"
#include "bench/race/race_file.h"
#include "core/posix_file.h"

namespace npyrace {
namespace {

class LockTrial {
 public:
  LockTrial(Fleet& fleet, const std::vector<std::string>& dirs, std::chrono::seconds patience)
      : fleet_(fleet),
        made_(dirs, ArrayMap({.records = 16}), open_posix_file, array_maker(Making::unsynced)),
        patience_(patience) {}

  /// Why not; empty: they do.
  std::string exclude(std::uint64_t holder, std::uint64_t other) {
    take(holder);
    const bool granted_to_both = is_granted(other);
    give_up(holder);
    if (granted_to_both)
      return fmt::format("locks do not exclude: {} and {} were granted the same bytes at once",
                         fleet_.name_of(holder),
                         holder == other ? "it once more" : fleet_.name_of(other));
    if (!is_granted(other))
      return fmt::format("a lock that was given up by {} is not granted to {}",
                         fleet_.name_of(holder), fleet_.name_of(other));
    return "";
  }

 private:
  std::string path(std::uint64_t rank) const { return fleet_.path_there(rank, made_.paths()); }

  void take(std::uint64_t rank) {
    if (rank == 0)
      held_ = std::make_unique<LockHolder>(path(rank), open_posix_file);
    else
      require_no_trouble(ask(rank, Task::lock));
  }

  bool is_granted(std::uint64_t rank) {
    if (rank == 0) return is_lock_granted(path(rank), open_posix_file);
    const std::string answer = ask(rank, Task::try_lock);
    if (answer == kGranted) return true;
    require_no_trouble(answer);
    return false;
  }

  void give_up(std::uint64_t rank) {
    if (rank != 0) return require_no_trouble(ask(rank, Task::unlock));
    held_->give_up();
    held_.reset();
  }

  std::string ask(std::uint64_t rank, Task task) {
    const auto wait = fleet_.conducts() ? std::optional(patience_) : std::nullopt;
    fleet_.tell(rank, {.task = task, .file = {.path = path(rank)}});
    return fleet_.hear(rank, wait);
  }

  Fleet& fleet_;
  RaceFile made_;
  std::chrono::seconds patience_;
  std::unique_ptr<LockHolder> held_;
};

}  // namespace

std::string try_locks_between(Fleet& fleet, const std::vector<std::string>& dirs,
                              std::chrono::seconds patience) {
  try {
    LockTrial trial(fleet, dirs, patience);
    const std::vector<std::uint64_t> writers = fleet.first_of_caches();
    for (const std::uint64_t holder : writers)
      for (const std::uint64_t other : writers)
        if (std::string why = trial.exclude(fleet.rank_of(holder), fleet.rank_of(other));
            !why.empty())
          return why;
    return "";
  } catch (const Interrupted&) {
    throw;
  } catch (const std::exception& error) {
    return fmt::format("locks could not be tried between writers: {}", error.what());
  }
}

}  // namespace npyrace
