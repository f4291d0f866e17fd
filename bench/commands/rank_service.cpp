#include "bench/commands/rank_service.h"

#include "bench/mpi/rank_service.h"
#include "bench/semantics/player.h"
#include "bench/ssh/remote_rank.h"
#include "core/posix_file.h"

namespace npyrace {

Action declare_rank_service(CLI::App&) {
  return [] {
    // The world's listener lives as long as the process.
    World& world = *join_by_connection().release();
    serve(world, open_posix_file, step_player(open_posix_file));
    return ExitCode::fine;
  };
}

}  // namespace npyrace
