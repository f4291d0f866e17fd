#include "bench/mpi/fleet.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "bench/interrupt.h"
#include "bench/launchers/launcher.h"
#include "bench/stopwatch.h"
#include "core/error.h"

namespace npyrace {
namespace {

/// mpirun kills for good a second after its signal.
constexpr std::chrono::milliseconds kGrace{500};

constexpr std::uint64_t kClockQuestions = 16;

}  // namespace

Fleet::Fleet(std::unique_ptr<World> world) : world_(std::move(world)) {
  will_.emplace(kGrace, "npyrace: interrupted\n");
}

Fleet::~Fleet() {
  // After a signal of mpirun the others are gone, and none would answer.
  if (!in_step_ || interrupted()) return;
  try {
    for (std::uint64_t rank = 1; rank < size(); ++rank) tell(rank, {.task = Task::leave});
    will_.reset();
    world_->leave();
  } catch (const std::exception&) {
    // mpirun ends the others when this process has ended.
  }
}

template <typename Work>
auto Fleet::stepping(Work work) {
  if (!in_step_)
    throw RaceError("ranks do not answer since an earlier race; start mpirun again", false);
  in_step_ = false;  // until it is done
  if constexpr (std::is_void_v<decltype(work())>) {
    work();
    in_step_ = true;
  } else {
    auto result = work();
    in_step_ = true;
    return result;
  }
}

void Fleet::tell(std::uint64_t rank, const RankOrder& order) {
  stepping([&] { world_->send(rank, to_text(order)); });
}

std::string Fleet::hear(std::uint64_t rank, std::optional<std::chrono::seconds> patience) {
  return stepping([&] {
    world_->set_patience(patience);
    return world_->receive(rank, Wait::long_wait);
  });
}

std::unique_ptr<RankGroup> Fleet::group(std::uint64_t ranks, std::chrono::seconds patience) {
  return stepping([&] {
    world_->set_patience(patience);
    return world_->group(ranks);
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
  if (rank >= places_.size()) return fmt::format("rank {}", rank);
  return fmt::format("rank {} on {}", rank, places_[rank].host_name);
}

const std::vector<RankPlace>& Fleet::look(const std::vector<std::string>& dirs,
                                          const std::string& judge_dir) {
  places_.clear();
  std::vector<RankPlace> places{look_at_place(dirs, judge_dir)};
  for (std::uint64_t rank = 1; rank < size(); ++rank)
    tell(rank, {.task = Task::look, .dirs = dirs, .judge_dir = judge_dir});
  std::string trouble;
  for (std::uint64_t rank = 1; rank < size(); ++rank) {
    const std::string answer = hear(rank, std::nullopt);
    try {
      places.push_back(rank_place_from_text(answer));
    } catch (const std::runtime_error& error) {
      trouble = fmt::format("{}: {}", name_of(rank), error.what());
    }
  }
  if (!trouble.empty()) throw FormatError(trouble);
  places_ = std::move(places);
  return places_;
}

RanksResult Fleet::describe() const {
  RanksResult result{.library = world_->library()};
  for (const RankPlace& place : places_) result.hosts.push_back(place.host_name);
  return result;
}

/// Whoever shares our kernel sees what we see. Others must be known to read past their page cache:
/// it flatters its own writers.
std::vector<std::uint64_t> Fleet::scanners() const {
  std::vector<std::uint64_t> ranks;
  for (std::uint64_t rank = 0; rank < places_.size(); ++rank)
    if (places_[rank].kernel == places_[0].kernel || places_[rank].judge.uncached)
      ranks.push_back(rank);
  return ranks;
}

Findings Fleet::scan(const ScanRequest& request) {
  const std::vector<std::uint64_t> ranks = scanners();
  if (ranks.size() < 2 || !in_step_) return npyrace::scan(request);
  return scan_with(request, ranks);
}

/// Every answer is waited for before anything is thrown.
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

}  // namespace npyrace
