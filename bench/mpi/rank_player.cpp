#include "bench/mpi/rank_player.h"

#include "bench/launchers/launcher.h"

namespace npyrace {

std::string RankPlayer::answer_to(const std::string& line) {
  try {
    fleet_.tell(rank_, {.task = Task::play, .step = line});
    return fleet_.hear(rank_, patience_);
  } catch (const RaceError& error) {
    throw PlayerGone(error.what());
  }
}

}  // namespace npyrace
