#include <fmt/format.h>

#include <memory>

#include "bench/cli/commands.h"
#include "bench/cli/help.h"
#include "bench/experiments/file_agent.h"
#include "bench/launchers/worker.h"
#include "bench/race/reader.h"
#include "bench/remote/rank_service.h"
#include "bench/remote/remote_rank.h"
#include "core/base/print.h"
#include "core/file/posix_file.h"

namespace npyrace {

Action declare_man(CLI::App&) {
  return [] {
    print_output("{}", man_page());
    return ExitCode::fine;
  };
}

Action declare_file_agent(CLI::App& app) {
  auto request = std::make_shared<AgentRequest>();
  app.add_option("--socket", request->socket)->required();
  app.add_option("--parent", request->parent)->required();
  return [request] { return play(*request, open_own_file); };
}

Action declare_rank_service(CLI::App&) {
  return [] {
    // Never freed: the transport's listener thread runs until the process exits.
    Transport& transport = *join_by_connection().release();
    serve(transport, open_own_file, step_agent(open_own_file));
    return ExitCode::fine;
  };
}

Action declare_reader(CLI::App& app) {
  auto request = std::make_shared<ReaderRequest>();
  app.add_option("--socket", request->socket)->required();
  app.add_option("--parent", request->parent)->required();
  return [request] { return read_live(*request, open_posix_file); };
}

Action declare_worker(CLI::App& app) {
  auto request = std::make_shared<WorkerRequest>();
  app.add_option("--control", request->control_descriptor)->required();
  app.add_option("--parent", request->parent)->required();
  app.add_option("--first-writer", request->first_writer)->required();
  app.add_option("--writers", request->writers)->required();
  return [request] { return work(*request, open_own_file); };
}

}  // namespace npyrace
