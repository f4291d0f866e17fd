#pragma once
// All the ranks there are: those that mpirun has started, or those that we have over a remote
// shell. Rank 0 is the program that the user sees; the others do what it says.

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

/// A rank that is not there any more; those that are left can go on.
class RankLost : public RaceError {
 public:
  RankLost(const std::string& words, bool of_itself)
      : RaceError(words, false), of_itself_(of_itself) {}
  /// By an error of its own; else somebody or something took it away.
  bool of_itself() const { return of_itself_; }

 private:
  bool of_itself_;
};

class World {
 public:
  virtual ~World() = default;
  virtual std::uint64_t rank() const = 0;
  virtual std::uint64_t size() const = 0;
  /// The rank of writer 0; the others follow. It is rank 0 itself, or rank 1 where rank 0 only
  /// conducts, maybe from a machine that none of the writers is on.
  virtual std::uint64_t first_writer() const { return 0; }
  /// Name and version of what carries messages.
  virtual std::string library() const = 0;
  /// The host of a rank as the user calls it; empty: as it calls itself.
  virtual std::string host_of(std::uint64_t /*rank*/) const { return ""; }
  /// By which paths a rank knows directories that rank 0 calls so.
  virtual std::vector<std::string> dirs_there(std::uint64_t /*rank*/,
                                              const std::vector<std::string>& dirs) const {
    return dirs;
  }
  virtual void send(std::uint64_t to, const std::string& text) = 0;
  /// Throws Interrupted, RankLost, and RaceError when nothing came for longer than the patience.
  virtual std::string receive(std::uint64_t from, Wait wait) = 0;
  /// The ranks of so many writers; all ranks of the world call this, and those that are not of
  /// the group get null. Destroyed by all of its ranks.
  virtual std::unique_ptr<RankGroup> group(std::uint64_t writers) = 0;
  /// Has ranks back that were lost. Throws RaceError when one does not come.
  virtual void gather() {}
  /// How long `receive`, and `meet` in groups to come, wait from now on; nothing: for ever.
  virtual void set_patience(std::optional<std::chrono::seconds> patience) = 0;
  /// The end for all ranks, after which there is no MPI. A world that is destroyed without it is
  /// left as it stands: mpirun then ends the other ranks when this process ends.
  virtual void leave() = 0;
};

/// Why there can be no world: how npyrace was built. Empty: there can.
std::string no_mpi_reason();

/// What a strategy that needs ranks says where there are none.
inline std::string no_ranks_reason() {
  const std::string missing = no_mpi_reason();
  return missing.empty() ? "MPI-IO needs ranks: mpirun -n 4 npyrace run --launcher mpi" : missing;
}

/// Throws FormatError with that reason. Once in a process.
std::unique_ptr<World> join_world();

}  // namespace npyrace
