#include "bench/semantics/stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "bench/mpi/fleet.h"
#include "bench/mpi/rank_player.h"
#include "bench/semantics/player_process.h"
#include "bench/semantics/semantics.h"

namespace npyrace {
namespace {

constexpr std::size_t kFewestPlayers = 2;

/// Nodes are only as many as there are page caches.
const char* between(std::size_t caches) {
  return caches > 1 ? "mounts" : "processes";
}

void add(Stage& stage, std::unique_ptr<PlayerHandle> player, Node node) {
  node.player = player.get();
  stage.players.push_back(std::move(player));
  stage.nodes.push_back(std::move(node));
}

Stage stage_on_mounts(const SemanticsPlan& plan) {
  std::set<std::uint64_t> caches;
  for (const Mount& mount : plan.mounts) caches.insert(mount.cache);
  Stage stage{.between = between(caches.size())};
  const char* kind = plan.mounts.size() == 1 ? "process" : "mount";
  const std::size_t players = std::max(plan.mounts.size(), kFewestPlayers);
  for (std::size_t i = 0; i < players; ++i) {
    const std::string& dir = plan.mounts[i % plan.mounts.size()].description.dir;
    add(stage, std::make_unique<PlayerProcess>(dir, plan.patience),
        {.dir = dir, .dir_here = dir, .name = fmt::format("{} {}", kind, i + 1)});
  }
  return stage;
}

/// Rank 0 is busy with asking: where it is to play, a process beside it does.
std::unique_ptr<PlayerHandle> player_at(Fleet& fleet, std::uint64_t rank, const std::string& dir,
                                        std::chrono::seconds patience) {
  if (rank == 0) return std::make_unique<PlayerProcess>(dir, patience);
  return std::make_unique<RankPlayer>(fleet, rank, patience);
}

Stage stage_on_ranks(const SemanticsPlan& plan, Fleet& fleet) {
  std::vector<std::uint64_t> writers = fleet.first_of_caches();
  Stage stage{.between = between(writers.size())};
  if (writers.size() < kFewestPlayers) writers = {0, 1};
  std::vector<std::string> dirs;
  for (const Mount& mount : plan.mounts) dirs.push_back(mount.description.dir);
  for (const std::uint64_t writer : writers) {
    const std::uint64_t rank = fleet.rank_of(writer);
    const std::string dir = fleet.dir_there(rank, dirs);
    add(stage, player_at(fleet, rank, dir, plan.patience),
        {.dir = dir,
         .dir_here = fleet.conducts() ? dirs.front() : dir,
         .name = fleet.name_of(rank)});
  }
  return stage;
}

}  // namespace

Stage set_stage(const SemanticsPlan& plan, Fleet* fleet) {
  return fleet == nullptr ? stage_on_mounts(plan) : stage_on_ranks(plan, *fleet);
}

}  // namespace npyrace
