#pragma once
// All the ranks that mpirun has started. Rank 0 is the program that the user sees; the others do
// what it says.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "bench/mpi/rank_group.h"

namespace npyrace {

class World {
 public:
  virtual ~World() = default;
  virtual std::uint64_t rank() const = 0;
  virtual std::uint64_t size() const = 0;
  /// Name and version of the MPI library.
  virtual std::string library() const = 0;
  virtual void send(std::uint64_t to, const std::string& text) = 0;
  /// Throws Interrupted, and RaceError when nothing came for longer than the patience.
  virtual std::string receive(std::uint64_t from, Wait wait) = 0;
  /// The first `ranks` of the world; all ranks of the world call this, and those that are not of
  /// the group get null. Destroyed by all of its ranks.
  virtual std::unique_ptr<RankGroup> group(std::uint64_t ranks) = 0;
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
