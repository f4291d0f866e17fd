#pragma once
// Rank 0's side of remote races: sends orders to all ranks, collects their answers, and tests locks
// between their hosts.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/remote/clock_offset.h"
#include "bench/remote/interrupt_cleanup.h"
#include "bench/remote/rank_words.h"
#include "bench/remote/transport.h"
#include "core/result/result.h"

namespace npyrace {

class Coordinator {
 public:
  /// Shorter than the second after which mpirun sends SIGKILL.
  static constexpr std::chrono::milliseconds kGrace{500};

  /// If the program still runs `grace` after an interrupt, the InterruptCleanup is executed.
  explicit Coordinator(std::unique_ptr<Transport> transport,
                       std::chrono::milliseconds grace = kGrace);
  /// Tells all ranks to exit, if the protocol is in sync.
  ~Coordinator();

  std::uint64_t size() const { return transport_->size(); }

  /// True if rank 0 only coordinates and does not write.
  bool conducts() const { return transport_->first_writer() > 0; }
  std::uint64_t rank_of(std::uint64_t writer) const { return writer + transport_->first_writer(); }

  /// Asks every rank where it runs. Returns the places of all ranks that can be writers, in rank
  /// order. Throws FormatError with the message of a rank that cannot reach a directory or, if rank
  /// 0 only coordinates, that does not see rank 0's files there.
  std::vector<RankPlace> look(const std::vector<std::string>& dirs, const std::string& judge_dir);
  /// Describes the ranks for a result.
  RanksResult describe() const;
  /// Result of the last `look`, in rank order.
  const std::vector<RankPlace>& places() const { return places_; }

  /// Number of distinct kernels among the first `writers` ranks.
  std::size_t count_kernels(std::uint64_t writers) const;
  /// The first writer of each distinct page cache.
  std::vector<std::uint64_t> first_of_caches() const;

  /// Reconnects lost ranks. Throws RaceError.
  void gather();
  /// Translates an order to the paths that the rank uses on its machine.
  RaceOrder order_there(std::uint64_t rank, RaceOrder order) const;
  /// The rank's path of the directory that it uses in a race.
  std::string dir_there(std::uint64_t rank, const std::vector<std::string>& dirs) const;
  std::string path_there(std::uint64_t rank, const std::vector<std::string>& paths) const;

  /// Sets how long a rank may be silent (at first 120 s).
  void set_patience(std::chrono::seconds patience) { patience_ = patience; }

  /// Scans a file in parallel on all ranks that share rank 0's kernel or bypass their page cache.
  /// Rank 0 scans alone if it only coordinates, if the protocol is out of sync, and if a rank is
  /// silent; that rank is named by whatever is asked of the ranks next. Throws as `npyrace::scan`
  /// does.
  Findings scan(const ScanRequest& request);

  /// The following functions throw RankLost, after which the protocol is still in sync, and
  /// RaceError or Interrupted, after which it is not.
  void tell(std::uint64_t rank, const RankOrder& order);
  /// Receives a message; RaceError if the rank is silent for longer than the patience that was set.
  std::string hear(std::uint64_t rank) { return hear(rank, patience_); }
  std::string hear(std::uint64_t rank, std::chrono::seconds patience);
  /// The first `writers` ranks as a group; Task::start must have been sent to all of them.
  std::unique_ptr<RankGroup> group(std::uint64_t writers, std::chrono::seconds patience);
  /// Measures the offset of a rank's clock by repeated exchanges.
  ClockBounds ask_clock(std::uint64_t rank, std::chrono::seconds patience);

  /// Records that the state of the other ranks is unknown.
  void lose_step() { in_step_ = false; }
  bool in_step() const { return in_step_; }

  /// The error in a reply, with the rank's name; empty: none.
  std::string error_in(const std::string& answer, std::uint64_t rank) const;

  /// "rank 3 on node2"; if rank 0 only coordinates, "writer 2 on node2".
  std::string name_of(std::uint64_t rank) const;
  InterruptCleanup& will() { return *will_; }

 private:
  template <typename Work>
  auto stepping(Work work);
  RankPlace place_of(std::uint64_t rank);
  void require_files_shown(const std::vector<std::string>& dirs);
  std::vector<std::uint64_t> scanners() const;
  Findings scan_with(const ScanRequest& request, const std::vector<std::uint64_t>& ranks);

  std::unique_ptr<Transport> transport_;
  std::vector<RankPlace> places_;
  std::chrono::seconds patience_{120};
  bool in_step_ = true;
  std::string silence_;  ///< which rank did not answer, if that lost the step
  std::optional<InterruptCleanup> will_;
};

/// The first writer behind each page cache locks a file created in the first of `dirs`; each of
/// them, itself included, then requests the same bytes. Returns why locks do not work there, in one
/// line, as `try_locks` does; empty: every lock excluded every other. `coordinator.look` must have
/// been called. Throws Interrupted.
std::string try_locks_between(Coordinator& coordinator, const std::vector<std::string>& dirs);

}  // namespace npyrace
