#pragma once
// The transport between ranks, which were started by mpirun (MPI) or by a remote shell (ssh). Rank
// 0 is the program that the user sees; the others execute its orders.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/strategies/race_error.h"
#include "bench/strategies/rank_group.h"
#include "core/os/signals.h"

namespace npyrace {

/// A rank has died or is unreachable; the remaining ranks can continue.
class RankLost : public RaceError {
 public:
  RankLost(const std::string& words, bool of_itself)
      : RaceError(words, false), of_itself_(of_itself) {}
  /// True if it failed by its own error; false if it was killed or its host was lost.
  bool of_itself() const { return of_itself_; }

 private:
  bool of_itself_;
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual std::uint64_t rank() const = 0;
  virtual std::uint64_t size() const = 0;
  /// Rank of writer 0; the others follow. 0 if rank 0 writes, 1 if it only coordinates, possibly
  /// from a machine without writers.
  virtual std::uint64_t first_writer() const { return 0; }
  /// Name and version of the transport library.
  virtual std::string library() const = 0;
  /// The rank's host as the user named it; empty: the host's own name.
  virtual std::string host_of(std::uint64_t /*rank*/) const { return ""; }
  /// The rank's paths of directories that rank 0 calls `dirs`.
  virtual std::vector<std::string> dirs_there(std::uint64_t /*rank*/,
                                              const std::vector<std::string>& dirs) const {
    return dirs;
  }
  virtual void send(std::uint64_t to, const std::string& text) = 0;
  /// Throws Interrupted, RankLost, and RaceError on a timeout.
  virtual std::string receive(std::uint64_t from, Wait wait) = 0;
  /// Returns the group of the first `writers` writers. Collective over all ranks; ranks outside the
  /// group get null. All members must destroy it together.
  virtual std::unique_ptr<RankGroup> group(std::uint64_t writers) = 0;
  /// Reconnects lost ranks. Throws RaceError when that fails.
  virtual void gather() {}
  /// Sets the timeout of `receive` and of `meet` in later groups; nothing: no limit.
  virtual void set_patience(std::optional<std::chrono::seconds> patience) = 0;
  /// Ends the transport on all ranks (MPI_Finalize). If it is destroyed without this call, mpirun
  /// ends the other ranks when this process exits.
  virtual void leave() = 0;
};

/// Why MPI is unavailable; empty: it is in this program, or npyrace-mpi is there.
std::string no_mpi_reason();

/// Reason for skipping strategies that need ranks where there are none.
inline std::string no_ranks_reason() {
  const std::string missing = no_mpi_reason();
  return missing.empty() ? "MPI-IO needs ranks: mpirun -n 4 npyrace run --launcher mpi" : missing;
}

/// Initializes MPI; a program without MPI is replaced by npyrace-mpi with the same command line.
/// Call once per process. Throws FormatError with no_mpi_reason().
std::unique_ptr<Transport> join_transport();

/// The transport MPI (world_mpi.cpp), which is linked into npyrace-mpi only: null in npyrace, so
/// that npyrace needs no MPI library and starts as fast as any program.
[[gnu::weak]] std::unique_ptr<Transport> join_mpi_transport();

}  // namespace npyrace
