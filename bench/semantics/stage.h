#pragma once
// Who plays, and where: one player a node, on this machine or on hosts.

#include <memory>
#include <string>
#include <vector>

#include "bench/mounts.h"
#include "bench/semantics/player_handle.h"

namespace npyrace {

class Fleet;
struct SemanticsPlan;

/// A player and the directory it works in.
struct Node {
  PlayerHandle* player = nullptr;
  std::string dir;       ///< as the player knows it
  std::string dir_here;  ///< the same file system as this process knows it
  std::string name;      ///< in reports: "mount 2"
};

struct Stage {
  std::vector<std::unique_ptr<PlayerHandle>> players;
  std::vector<Node> nodes;  ///< two or more
  std::string between;      ///< see Passport
};

/// With ranks, one behind each page cache that they have; else a process a mount. Behind one page
/// cache two players stand for two nodes. Throws SystemError when no player can be started.
Stage set_stage(const SemanticsPlan& plan, Fleet* fleet);

}  // namespace npyrace
