#include "bench/commands/worker.h"

#include <memory>

#include "bench/race/worker.h"
#include "core/posix_file.h"

namespace npyrace {

Action declare_worker(CLI::App& app) {
  auto request = std::make_shared<WorkerRequest>();
  app.add_option("--control", request->control_descriptor)->required();
  app.add_option("--parent", request->parent)->required();
  app.add_option("--first-writer", request->first_writer)->required();
  app.add_option("--writers", request->writers)->required();
  return [request] { return work(*request, open_posix_file); };
}

}  // namespace npyrace
