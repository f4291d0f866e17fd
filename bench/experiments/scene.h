#pragma once
// Who plays, and where: one player a node, on this machine or on hosts.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/experiments/player.h"
#include "bench/experiments/semantics_rows.h"
#include "bench/storage/mounts.h"
#include "bench/storage/race_file.h"

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

// One file between players: who writes which record of it, who looks for it, and the steps in which
// that happens. A scene knows no promise; it does what it is told and says what was seen.

struct SceneRequest {
  Experiment experiment;
  Node writer, reader;
  std::uint64_t number = 0;  ///< no two scenes of a run have the same; no record repeats, either
  bool reader_acts_last = true;  ///< of two nodes that both write
  FileOpener open_file;
};

/// Every step throws StepError, PlayerGone or Interrupted.
class Scene {
 public:
  /// Makes the file, full of zeros, through the writer's directory here. Throws SystemError and
  /// FormatError.
  explicit Scene(const SceneRequest& request);
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  /// Players forget what they held of it, and the file is removed.
  ~Scene();

  /// Whether the file's making is over for the nodes: all see the file, and readers the header in a
  /// new open.
  bool settled();

  /// Readers open and read the record (and so cache its page), writers open.
  void prepare();
  void write();
  void act(const ActRow& act);

  /// Seconds count from the end of the last write or act.
  Looks look();
  /// As the experiment's reader looks when it is not in a hurry: by opening, if it ever does.
  Look look_again();

  /// Everybody closes what is still open; afterwards only a new open can see the file.
  void part();
  Look look_by_new_open() { return all_sides(&Scene::look_by_opening); }

  double seconds_since_act() const;

 private:
  /// One record on its way from one node to the other.
  struct Side {
    PlayerHandle* writer = nullptr;
    PlayerHandle* reader = nullptr;
    std::string writer_path, reader_path;
    std::uint64_t offset_bytes = 0;
    std::string bytes;  ///< hex digits
    bool holds = false;
  };
  std::string handle(const char* role) const;
  void step(PlayerHandle& player, const std::string& verb, const char* role,
            const std::string& more = "");
  bool shows(PlayerHandle& player, const std::string& path);
  std::string read(const Side& side, const char* role);
  Look look_at(const Side& side, const char* role);
  void hold(Side& side);
  void open_writer(Side& side);
  void let_go(Side& side);
  Look look_by_opening(Side& side);
  Look all_sides(Look (Scene::*one)(Side&));
  Look look_by_holding(Side& side) { return look_at(side, "held"); }
  void note_act();

  Experiment experiment_;
  std::uint64_t number_;
  std::vector<Side> sides_;  ///< in the order in which they act
  std::unique_ptr<RaceFile> file_;
  std::int64_t acted_ns_ = 0;
};

}  // namespace npyrace
