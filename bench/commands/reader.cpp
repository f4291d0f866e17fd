#include "bench/commands/reader.h"

#include <memory>

#include "bench/readers/reader.h"
#include "core/posix_file.h"

namespace npyrace {

Action declare_reader(CLI::App& app) {
  auto request = std::make_shared<ReaderRequest>();
  app.add_option("--socket", request->socket)->required();
  app.add_option("--parent", request->parent)->required();
  return [request] { return read_live(*request, open_posix_file); };
}

}  // namespace npyrace
