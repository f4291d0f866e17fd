#pragma once
// Rank 0's side: the ranks as one fleet that races and reads for it.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/mpi/clock_offset.h"
#include "bench/mpi/last_will.h"
#include "bench/mpi/rank_words.h"
#include "bench/mpi/world.h"
#include "core/result.h"

namespace npyrace {

class Fleet {
 public:
  explicit Fleet(std::unique_ptr<World> world);
  /// Lets all ranks go home, if they are in step.
  ~Fleet();

  std::uint64_t size() const { return world_->size(); }

  /// Asks every rank where it is, in the order of ranks. Throws FormatError with the words of one
  /// that cannot reach a directory.
  const std::vector<RankPlace>& look(const std::vector<std::string>& dirs,
                                     const std::string& judge_dir);
  /// The same for a result.
  RanksResult describe() const;
  /// As last looked.
  const std::vector<RankPlace>& places() const { return places_; }

  /// Reads a file back with every rank that sees the store itself, a part each. Throws as
  /// `npyrace::scan` does.
  Findings scan(const ScanRequest& request);

  /// What follows throws RaceError when ranks are out of step, and Interrupted; after either they
  /// are.
  void tell(std::uint64_t rank, const RankOrder& order);
  /// Waits so long; nothing: for ever.
  std::string hear(std::uint64_t rank, std::optional<std::chrono::seconds> patience);
  /// The first `ranks`: Task::start must have been told to all.
  std::unique_ptr<RankGroup> group(std::uint64_t ranks, std::chrono::seconds patience);
  /// The clock of a rank against ours, from so many questions.
  ClockBounds ask_clock(std::uint64_t rank, std::chrono::seconds patience);

  /// Nobody knows any more what the other ranks wait for.
  void lose_step() { in_step_ = false; }
  bool in_step() const { return in_step_; }

  /// "rank 3 on node2"
  std::string name_of(std::uint64_t rank) const;
  LastWill& will() { return *will_; }

 private:
  template <typename Work>
  auto stepping(Work work);
  std::vector<std::uint64_t> scanners() const;
  Findings scan_with(const ScanRequest& request, const std::vector<std::uint64_t>& ranks);

  std::unique_ptr<World> world_;
  std::vector<RankPlace> places_;
  bool in_step_ = true;
  std::optional<LastWill> will_;
};

}  // namespace npyrace
