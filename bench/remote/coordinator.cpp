#include "bench/remote/coordinator.h"

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
#include "reports/json/json_fields.h"

namespace npyrace {
namespace {

constexpr std::uint64_t kClockQuestions = 16;
constexpr const char* kClock = "clock of a rank";

}  // namespace

Coordinator::Coordinator(std::unique_ptr<Transport> transport, std::chrono::milliseconds grace)
    : transport_(std::move(transport)) {
  will_.emplace(grace, "npyrace: interrupted\n");
}

Coordinator::~Coordinator() {
  // After a signal from mpirun the other ranks have ended and would not answer.
  if (!in_step_ || interrupted()) return;
  try {
    for (std::uint64_t rank = 1; rank < size(); ++rank) try {
        tell(rank, {.task = Task::leave});
      } catch (const RankLost&) {
        continue;
      }
    will_.reset();
    transport_->leave();
  } catch (const std::exception&) {
    // mpirun ends the other ranks when this process exits.
  }
}

/// RankLost leaves the protocol in sync: that rank owes no reply.
template <typename Work>
auto Coordinator::stepping(Work work) {
  if (!in_step_)
    throw RaceError(
        silence_.empty() ? "ranks do not answer since an earlier race; start again" : silence_,
        false);
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

void Coordinator::tell(std::uint64_t rank, const RankOrder& order) {
  stepping([&] { transport_->send(rank, to_text(order)); });
}

std::string Coordinator::hear(std::uint64_t rank, std::chrono::seconds patience) {
  return stepping([&] {
    transport_->set_patience(patience);
    try {
      return transport_->receive(rank, Wait::long_wait);
    } catch (const RankLost&) {
      throw;
    } catch (const RaceError&) {
      throw RaceError(
          fmt::format("{}: nothing was heard of it for {} s", name_of(rank), patience.count()),
          false);
    }
  });
}

std::unique_ptr<RankGroup> Coordinator::group(std::uint64_t writers,
                                              std::chrono::seconds patience) {
  return stepping([&] {
    transport_->set_patience(patience);
    return transport_->group(writers);
  });
}

ClockBounds Coordinator::ask_clock(std::uint64_t rank, std::chrono::seconds patience) {
  tell(rank, {.task = Task::clock, .questions = kClockQuestions});
  return stepping([&] {
    transport_->set_patience(patience);
    ClockBounds bounds;
    for (std::uint64_t i = 0; i < kClockQuestions; ++i) {
      ClockExchange exchange{.asked_ns = monotonic_ns()};
      transport_->send(rank, "time?");
      exchange.theirs_ns =
          from_message<std::int64_t>(kClock, transport_->receive(rank, Wait::short_wait));
      if (!is_time(exchange.theirs_ns)) throw FormatError(fmt::format("{}: {}", kClock, kNoTime));
      exchange.answered_ns = monotonic_ns();
      bounds.note(exchange);
    }
    return bounds;
  });
}

std::string Coordinator::name_of(std::uint64_t rank) const {
  std::string host = transport_->host_of(rank);
  if (host.empty() && rank < places_.size()) host = places_[rank].host_name;
  const std::string name = conducts() ? fmt::format("writer {}", rank - transport_->first_writer())
                                      : fmt::format("rank {}", rank);
  return host.empty() ? name : fmt::format("{} on {}", name, host);
}

std::string Coordinator::error_in(const std::string& answer, std::uint64_t rank) const {
  try {
    require_no_trouble(answer);
    return "";
  } catch (const std::exception& error) {
    return fmt::format("{}: {}", name_of(rank), error.what());
  }
}

/// Receives and decodes the reply to Task::look.
RankPlace Coordinator::place_of(std::uint64_t rank) {
  const std::string answer = hear(rank);
  try {
    RankPlace place = rank_place_from_text(answer);
    if (const std::string host = transport_->host_of(rank); !host.empty()) place.host_name = host;
    return place;
  } catch (const std::runtime_error& error) {
    throw FormatError(fmt::format("{}: {}", name_of(rank), error.what()));
  }
}

std::vector<RankPlace> Coordinator::look(const std::vector<std::string>& dirs,
                                         const std::string& judge_dir) {
  places_.clear();
  std::vector<RankPlace> places{look_at_place(dirs, judge_dir)};
  for (std::uint64_t rank = 1; rank < size(); ++rank) {
    const std::vector<std::string> there = transport_->dirs_there(rank, dirs);
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
  return {places_.begin() + static_cast<std::ptrdiff_t>(transport_->first_writer()), places_.end()};
}

/// Receives all replies before it throws, to keep the protocol in sync.
void Coordinator::require_files_shown(const std::vector<std::string>& dirs) {
  const ArrayMap map({.records = 1});
  const RaceFile made(dirs, map, open_posix_file);
  for (std::uint64_t rank = 1; rank < size(); ++rank)
    tell(rank, {.task = Task::see,
                .file = {.made = std::filesystem::absolute(made.paths().front()).string(),
                         .path = path_there(rank, made.paths()),
                         .bytes = map.file_bytes()}});
  std::string trouble;
  for (std::uint64_t rank = 1; rank < size(); ++rank) {
    std::string error = error_in(hear(rank), rank);
    if (trouble.empty()) trouble = std::move(error);
  }
  if (!trouble.empty()) throw FormatError(trouble);
}

void Coordinator::gather() {
  stepping([&] { transport_->gather(); });
}

RaceOrder Coordinator::order_there(std::uint64_t rank, RaceOrder order) const {
  if (conducts()) order.paths = {path_there(rank, order.paths)};
  return order;
}

std::string Coordinator::dir_there(std::uint64_t rank, const std::vector<std::string>& dirs) const {
  const std::vector<std::string> there = transport_->dirs_there(rank, dirs);
  return there[(rank - transport_->first_writer()) % there.size()];
}

std::string Coordinator::path_there(std::uint64_t rank,
                                    const std::vector<std::string>& paths) const {
  std::vector<std::string> dirs;
  for (const std::string& path : paths)
    dirs.push_back(std::filesystem::path(path).parent_path().string());
  const std::string name = std::filesystem::path(paths.front()).filename().string();
  return dir_there(rank, dirs) + "/" + name;
}

std::size_t Coordinator::count_kernels(std::uint64_t writers) const {
  const auto first = places_.begin() + static_cast<std::ptrdiff_t>(transport_->first_writer());
  return npyrace::count_kernels({first, places_.end()}, writers);
}

std::vector<std::uint64_t> Coordinator::first_of_caches() const {
  std::set<std::string> seen;
  std::vector<std::uint64_t> writers;
  for (std::uint64_t writer = 0; rank_of(writer) < places_.size(); ++writer) {
    const std::vector<std::string>& caches = places_[rank_of(writer)].caches;
    if (seen.insert(caches[writer % caches.size()]).second) writers.push_back(writer);
  }
  return writers;
}

RanksResult Coordinator::describe() const {
  RanksResult result{.library = transport_->library()};
  for (std::uint64_t writer = 0; rank_of(writer) < places_.size(); ++writer)
    result.hosts.push_back(places_[rank_of(writer)].host_name);
  return result;
}

/// Ranks on rank 0's kernel read the same page cache. Others may scan only if their judge bypasses
/// the page cache, which shows their own writes.
std::vector<std::uint64_t> Coordinator::scanners() const {
  std::vector<std::uint64_t> ranks;
  for (std::uint64_t rank = 0; rank < places_.size(); ++rank)
    if (places_[rank].kernel == places_[0].kernel || places_[rank].judge.uncached)
      ranks.push_back(rank);
  return ranks;
}

Findings Coordinator::scan(const ScanRequest& request) {
  if (conducts()) return npyrace::scan(request);
  const std::vector<std::uint64_t> ranks = scanners();
  if (ranks.size() < 2 || !in_step_) return npyrace::scan(request);
  try {
    return scan_with(request, ranks);
  } catch (const RankLost&) {
    throw;
  } catch (const RaceError& error) {
    silence_ = error.what();
    return npyrace::scan(request);
  }
}

/// Receives all replies before it throws, to keep the protocol in sync. All parts are about equal,
/// so a rank may be silent for as long as rank 0 needs for its own part, and much longer. Throws
/// RaceError if it is silent for longer; the protocol is out of sync then.
Findings Coordinator::scan_with(const ScanRequest& request,
                                const std::vector<std::uint64_t>& ranks) {
  ScanRequest part = request;
  part.parts = ranks.size();
  for (part.part = 1; part.part < part.parts; ++part.part)
    stepping([&] { transport_->send(ranks[part.part], to_text(part)); });
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
  constexpr int kSlowest = 20;
  Stopwatch watch;
  add([&] { return npyrace::scan(part); });
  const auto patience = std::max(
      patience_, std::chrono::seconds(static_cast<std::int64_t>(kSlowest * watch.lap_seconds())));
  for (std::size_t i = 1; i < ranks.size(); ++i) {
    const std::string answer = hear(ranks[i], patience);
    add([&] { return findings_from_text(answer); });
  }
  if (error) std::rethrow_exception(error);
  return all;
}

namespace {

/// A rank other than 0, which locks on its host.
class RankLocker final : public Locker {
 public:
  RankLocker(Coordinator& coordinator, std::uint64_t rank, std::string path)
      : coordinator_(coordinator), rank_(rank), path_(std::move(path)) {}
  void take() override { require_no_trouble(ask(Task::lock)); }
  void give_up() override { require_no_trouble(ask(Task::unlock)); }
  bool is_granted() override {
    const std::string answer = ask(Task::try_lock);
    if (answer != kGranted) require_no_trouble(answer);
    return answer == kGranted;
  }

 private:
  std::string ask(Task task) {
    coordinator_.tell(rank_, {.task = task, .file = {.path = path_}});
    return coordinator_.hear(rank_);
  }

  Coordinator& coordinator_;
  std::uint64_t rank_;
  std::string path_;
};

NamedLocker locker_of(Coordinator& coordinator, std::uint64_t rank, const RaceFile& file) {
  const std::string path = coordinator.path_there(rank, file.paths());
  const std::string name = coordinator.name_of(rank);
  std::unique_ptr<Locker> locker;
  if (rank == 0)
    locker = std::make_unique<FileLocker>(path, open_posix_file);
  else
    locker = std::make_unique<RankLocker>(coordinator, rank, path);
  return {std::move(locker), name, name + " and it once more", "by " + name, "to " + name};
}

}  // namespace

std::string try_locks_between(Coordinator& coordinator, const std::vector<std::string>& dirs) {
  try {
    const RaceFile file(dirs, ArrayMap({.records = 16}), open_posix_file,
                        array_maker(Making::unsynced));
    std::vector<NamedLocker> lockers;
    for (const std::uint64_t writer : coordinator.first_of_caches())
      lockers.push_back(locker_of(coordinator, coordinator.rank_of(writer), file));
    return try_lockers(lockers);
  } catch (const Interrupted&) {
    throw;
  } catch (const std::exception& error) {
    return fmt::format("locks could not be tried between writers: {}", error.what());
  }
}

}  // namespace npyrace
