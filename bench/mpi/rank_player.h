#pragma once
// A player that is a rank: on its host, behind the page cache there.

#include <chrono>
#include <cstdint>
#include <string>

#include "bench/mpi/fleet.h"
#include "bench/semantics/player_handle.h"

namespace npyrace {

class RankPlayer final : public PlayerHandle {
 public:
  /// REQUIRES: `rank` is not 0, and `fleet` outlives this.
  RankPlayer(Fleet& fleet, std::uint64_t rank, std::chrono::seconds patience)
      : fleet_(fleet), rank_(rank), patience_(patience) {}

 private:
  std::string answer_to(const std::string& line) override;

  Fleet& fleet_;
  std::uint64_t rank_;
  std::chrono::seconds patience_;
};

}  // namespace npyrace
