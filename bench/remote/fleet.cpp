#include "bench/remote/fleet.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <memory>
#include <set>

#include "bench/storage/place_trials.h"
#include "bench/storage/race_file.h"
#include "bench/strategies/race_error.h"
#include "core/base/error.h"
#include "core/file/posix_file.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

constexpr std::uint64_t kClockQuestions = 16;

}  // namespace

Fleet::Fleet(std::unique_ptr<World> world, std::chrono::milliseconds grace)
    : world_(std::move(world)) {
  will_.emplace(grace, "npyrace: interrupted\n");
}

Fleet::~Fleet() {
  // After a signal from mpirun the other ranks have ended and would not answer.
  if (!in_step_ || interrupted()) return;
  try {
    for (std::uint64_t rank = 1; rank < size(); ++rank) try {
        tell(rank, {.task = Task::leave});
      } catch (const RankLost&) {
        continue;
      }
    will_.reset();
    world_->leave();
  } catch (const std::exception&) {
    // mpirun ends the other ranks when this process exits.
  }
}

/// RankLost leaves the protocol in sync: that rank owes no reply.
template <typename Work>
auto Fleet::stepping(Work work) {
  if (!in_step_) throw RaceError("ranks do not answer since an earlier race; start again", false);
  in_step_ = false;  // until `work` has returned
  try {
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      in_step_ = true;
    } else {
      auto result = work();
      in_step_ = true;
      return result;
    }
  } catch (const RankLost&) {
    in_step_ = true;
    throw;
  }
}

void Fleet::tell(std::uint64_t rank, const RankOrder& order) {
  stepping([&] { world_->send(rank, to_text(order)); });
}

std::string Fleet::hear(std::uint64_t rank, std::optional<std::chrono::seconds> patience) {
  return stepping([&] {
    world_->set_patience(patience);
    try {
      return world_->receive(rank, Wait::long_wait);
    } catch (const RankLost&) {
      throw;
    } catch (const RaceError&) {
      throw RaceError(fmt::format("{}: nothing was heard of it for {} s", name_of(rank),
                                  patience.value_or(std::chrono::seconds(0)).count()),
                      false);
    }
  });
}

std::unique_ptr<RankGroup> Fleet::group(std::uint64_t writers, std::chrono::seconds patience) {
  return stepping([&] {
    world_->set_patience(patience);
    return world_->group(writers);
  });
}

ClockBounds Fleet::ask_clock(std::uint64_t rank, std::chrono::seconds patience) {
  tell(rank, {.task = Task::clock, .questions = kClockQuestions});
  return stepping([&] {
    world_->set_patience(patience);
    ClockBounds bounds;
    for (std::uint64_t i = 0; i < kClockQuestions; ++i) {
      ClockExchange exchange{.asked_ns = monotonic_ns()};
      world_->send(rank, "time?");
      exchange.theirs_ns = std::stoll(world_->receive(rank, Wait::short_wait));
      exchange.answered_ns = monotonic_ns();
      bounds.note(exchange);
    }
    return bounds;
  });
}

std::string Fleet::name_of(std::uint64_t rank) const {
  std::string host = world_->host_of(rank);
  if (host.empty() && rank < places_.size()) host = places_[rank].host_name;
  const std::string name = conducts() ? fmt::format("writer {}", rank - world_->first_writer())
                                      : fmt::format("rank {}", rank);
  return host.empty() ? name : fmt::format("{} on {}", name, host);
}

/// Receives and decodes the reply to Task::look.
RankPlace Fleet::place_of(std::uint64_t rank) {
  const std::string answer = hear(rank, std::nullopt);
  try {
    RankPlace place = rank_place_from_text(answer);
    if (const std::string host = world_->host_of(rank); !host.empty()) place.host_name = host;
    return place;
  } catch (const std::runtime_error& error) {
    throw FormatError(fmt::format("{}: {}", name_of(rank), error.what()));
  }
}

std::vector<RankPlace> Fleet::look(const std::vector<std::string>& dirs,
                                   const std::string& judge_dir) {
  places_.clear();
  std::vector<RankPlace> places{look_at_place(dirs, judge_dir)};
  for (std::uint64_t rank = 1; rank < size(); ++rank) {
    const std::vector<std::string> there = world_->dirs_there(rank, dirs);
    tell(rank,
         {.task = Task::look, .dirs = there, .judge_dir = conducts() ? there.front() : judge_dir});
  }
  std::string trouble;
  for (std::uint64_t rank = 1; rank < size(); ++rank) try {
      places.push_back(place_of(rank));
    } catch (const FormatError& error) {
      if (trouble.empty()) trouble = error.what();
    }
  if (!trouble.empty()) throw FormatError(trouble);
  places_ = std::move(places);
  if (conducts()) require_files_shown(dirs);
  return {places_.begin() + static_cast<std::ptrdiff_t>(world_->first_writer()), places_.end()};
}

/// Receives all replies before it throws, to keep the protocol in sync.
void Fleet::require_files_shown(const std::vector<std::string>& dirs) {
  const ArrayMap map({.records = 1});
  const RaceFile made(dirs, map, open_posix_file);
  for (std::uint64_t rank = 1; rank < size(); ++rank)
    tell(rank, {.task = Task::see,
                .file = {.made = std::filesystem::absolute(made.paths().front()).string(),
                         .path = path_there(rank, made.paths()),
                         .bytes = map.file_bytes()}});
  std::string trouble;
  for (std::uint64_t rank = 1; rank < size(); ++rank) {
    const std::string answer = hear(rank, std::nullopt);
    try {
      require_no_trouble(answer);
    } catch (const std::exception& error) {
      if (trouble.empty()) trouble = fmt::format("{}: {}", name_of(rank), error.what());
    }
  }
  if (!trouble.empty()) throw FormatError(trouble);
}

void Fleet::gather() {
  stepping([&] { world_->gather(); });
}

RaceOrder Fleet::order_there(std::uint64_t rank, RaceOrder order) const {
  if (conducts()) order.paths = {path_there(rank, order.paths)};
  return order;
}

std::string Fleet::dir_there(std::uint64_t rank, const std::vector<std::string>& dirs) const {
  const std::vector<std::string> there = world_->dirs_there(rank, dirs);
  return there[(rank - world_->first_writer()) % there.size()];
}

std::string Fleet::path_there(std::uint64_t rank, const std::vector<std::string>& paths) const {
  std::vector<std::string> dirs;
  for (const std::string& path : paths)
    dirs.push_back(std::filesystem::path(path).parent_path().string());
  const std::string name = std::filesystem::path(paths.front()).filename().string();
  return dir_there(rank, dirs) + "/" + name;
}

std::size_t Fleet::count_kernels(std::uint64_t writers) const {
  const auto first = places_.begin() + static_cast<std::ptrdiff_t>(world_->first_writer());
  return npyrace::count_kernels({first, places_.end()}, writers);
}

std::vector<std::uint64_t> Fleet::first_of_caches() const {
  std::set<std::string> seen;
  std::vector<std::uint64_t> writers;
  for (std::uint64_t writer = 0; rank_of(writer) < places_.size(); ++writer) {
    const std::vector<std::string>& caches = places_[rank_of(writer)].caches;
    if (seen.insert(caches[writer % caches.size()]).second) writers.push_back(writer);
  }
  return writers;
}

RanksResult Fleet::describe() const {
  RanksResult result{.library = world_->library()};
  for (std::uint64_t writer = 0; rank_of(writer) < places_.size(); ++writer)
    result.hosts.push_back(places_[rank_of(writer)].host_name);
  return result;
}

/// Ranks on rank 0's kernel read the same page cache. Others may scan only if their judge bypasses
/// the page cache, which shows their own writes.
std::vector<std::uint64_t> Fleet::scanners() const {
  std::vector<std::uint64_t> ranks;
  for (std::uint64_t rank = 0; rank < places_.size(); ++rank)
    if (places_[rank].kernel == places_[0].kernel || places_[rank].judge.uncached)
      ranks.push_back(rank);
  return ranks;
}

Findings Fleet::scan(const ScanRequest& request) {
  if (conducts()) return npyrace::scan(request);
  const std::vector<std::uint64_t> ranks = scanners();
  if (ranks.size() < 2 || !in_step_) return npyrace::scan(request);
  return scan_with(request, ranks);
}

/// Receives all replies before it throws, to keep the protocol in sync.
Findings Fleet::scan_with(const ScanRequest& request, const std::vector<std::uint64_t>& ranks) {
  ScanRequest part = request;
  part.parts = ranks.size();
  for (part.part = 1; part.part < part.parts; ++part.part)
    stepping([&] { world_->send(ranks[part.part], to_text(part)); });
  part.part = 0;
  Findings all;
  std::exception_ptr error;
  const auto add = [&](auto findings_of) {
    try {
      all.merge(findings_of());
    } catch (const std::exception&) {
      if (!error) error = std::current_exception();
    }
  };
  add([&] { return npyrace::scan(part); });
  for (std::size_t i = 1; i < ranks.size(); ++i) {
    const std::string answer = hear(ranks[i], std::nullopt);
    add([&] { return findings_from_text(answer); });
  }
  if (error) std::rethrow_exception(error);
  return all;
}

namespace {

class LockTrial {
 public:
  LockTrial(Fleet& fleet, const std::vector<std::string>& dirs, std::chrono::seconds patience)
      : fleet_(fleet),
        made_(dirs, ArrayMap({.records = 16}), open_posix_file, array_maker(Making::unsynced)),
        patience_(patience) {}

  /// Why the locks do not exclude each other; empty: they do.
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
