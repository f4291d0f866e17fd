#include "bench/commands/player.h"

#include <memory>

#include "bench/semantics/player.h"
#include "core/posix_file.h"

namespace npyrace {

Action declare_player(CLI::App& app) {
  auto request = std::make_shared<PlayerRequest>();
  app.add_option("--socket", request->socket)->required();
  app.add_option("--parent", request->parent)->required();
  return [request] { return play(*request, open_posix_file); };
}

}  // namespace npyrace
