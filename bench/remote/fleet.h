#pragma once
// Rank 0's side: the ranks as one fleet that races and reads for it.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/remote/clock_offset.h"
#include "bench/remote/last_will.h"
#include "bench/remote/rank_words.h"
#include "bench/remote/world.h"
#include "core/result/result.h"

namespace npyrace {

class Fleet {
 public:
  /// mpirun kills for good a second after its signal.
  static constexpr std::chrono::milliseconds kGrace{500};

  /// When an interrupt has not ended the program within `grace`, its last will is done.
  explicit Fleet(std::unique_ptr<World> world, std::chrono::milliseconds grace = kGrace);
  /// Lets all ranks go home, if they are in step.
  ~Fleet();

  std::uint64_t size() const { return world_->size(); }

  /// Whether rank 0 writes nothing itself.
  bool conducts() const { return world_->first_writer() > 0; }
  std::uint64_t rank_of(std::uint64_t writer) const { return writer + world_->first_writer(); }

  /// Asks every rank where it is. Returns that of all that can be writers, in their order. Throws
  /// FormatError with the words of one that cannot reach a directory, and where rank 0 only
  /// conducts, of one that does not see the files of rank 0 there.
  std::vector<RankPlace> look(const std::vector<std::string>& dirs, const std::string& judge_dir);
  /// The same for a result.
  RanksResult describe() const;
  /// As last looked, in the order of ranks.
  const std::vector<RankPlace>& places() const { return places_; }

  /// How many kernels there are among the first `writers`.
  std::size_t count_kernels(std::uint64_t writers) const;
  /// The first writer behind each page cache.
  std::vector<std::uint64_t> first_of_caches() const;

  /// Has ranks back that were lost. Throws RaceError.
  void gather();
  /// An order in the words of a rank: files have other paths on other machines.
  RaceOrder order_there(std::uint64_t rank, RaceOrder order) const;
  /// By which of its names for directories of ours a rank races.
  std::string dir_there(std::uint64_t rank, const std::vector<std::string>& dirs) const;
  std::string path_there(std::uint64_t rank, const std::vector<std::string>& paths) const;

  /// Reads a file back with every rank that sees the store itself, a part each; where rank 0 only
  /// conducts, by rank 0 alone. Throws as `npyrace::scan` does.
  Findings scan(const ScanRequest& request);

  /// What follows throws RankLost, and RaceError when ranks are out of step, and Interrupted; after
  /// the latter two they are.
  void tell(std::uint64_t rank, const RankOrder& order);
  /// Waits so long; nothing: for ever.
  std::string hear(std::uint64_t rank, std::optional<std::chrono::seconds> patience);
  /// The first `writers`: Task::start must have been told to all.
  std::unique_ptr<RankGroup> group(std::uint64_t writers, std::chrono::seconds patience);
  /// The clock of a rank against ours, from so many questions.
  ClockBounds ask_clock(std::uint64_t rank, std::chrono::seconds patience);

  /// Nobody knows any more what the other ranks wait for.
  void lose_step() { in_step_ = false; }
  bool in_step() const { return in_step_; }

  /// "rank 3 on node2"; where rank 0 only conducts, "writer 2 on node2".
  std::string name_of(std::uint64_t rank) const;
  LastWill& will() { return *will_; }

 private:
  template <typename Work>
  auto stepping(Work work);
  RankPlace place_of(std::uint64_t rank);
  void require_files_shown(const std::vector<std::string>& dirs);
  std::vector<std::uint64_t> scanners() const;
  Findings scan_with(const ScanRequest& request, const std::vector<std::uint64_t>& ranks);

  std::unique_ptr<World> world_;
  std::vector<RankPlace> places_;
  bool in_step_ = true;
  std::optional<LastWill> will_;
};

// Whether locks exclude between the hosts of a fleet: only there they are needed.

class Fleet;

/// One writer behind each page cache takes a lock of a file that is made in the first of `dirs`,
/// and each of them, itself included, asks for the same bytes. Returns why locks are not to be
/// trusted there, in one line, as `try_locks` does; empty: every lock excluded every other. The
/// fleet must have looked. Throws Interrupted.
std::string try_locks_between(Fleet& fleet, const std::vector<std::string>& dirs,
                              std::chrono::seconds patience);

}  // namespace npyrace
