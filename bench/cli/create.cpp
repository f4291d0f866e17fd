#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>

#include "bench/cli/arguments.h"
#include "bench/cli/commands.h"
#include "bench/cli/output.h"
#include "bench/plan/plan.h"
#include "bench/storage/race_file.h"
#include "bench/storage/sidecar.h"
#include "core/base/error.h"
#include "core/base/print.h"
#include "core/file/posix_file.h"
#include "core/os/signals.h"
#include "reports/text/wrap.h"

namespace npyrace {
namespace {

constexpr const char* kCreateDescription =
    "Create the array that all writers will open: an NPY file of zeros with all its blocks\n"
    "allocated, and beside it FILE.npyrace.json, from which write, expect and verify compute its\n"
    "content. An existing file is never overwritten.";

constexpr const char* kCreateExits =
    "Exit code: 0 created, 2 usage, 3 the file exists or cannot be created.";

struct CreateOptions {
  std::string path;
  ArrayOptions array;
  PlacementOptions placement;
};

ArrayRequest request_of(const CreateOptions& options) {
  if (!options.array.records && options.array.shape.empty())
    throw UsageError("create: how many records? give --records N or --shape N,...");
  return placed(array_request(options.array, 0), options.placement);
}

/// "writer 0: 0..99" for each of the first few writers.
std::string who_owns_what(const ArrayMap& map) {
  constexpr std::uint64_t kMost = 8;
  std::string text;
  for (std::uint64_t writer = 0; writer < std::min(kMost, map.writers()); ++writer) {
    const std::uint64_t count = map.count(writer);
    if (count == 0) continue;
    const std::uint64_t first = map.element(writer, 0);
    const std::uint64_t last = map.element(writer, count - 1);
    text +=
        fmt::format("  writer {}: {} records, array index {} to {}\n", writer, count, first, last);
  }
  if (map.writers() > kMost) text += fmt::format("  … {} writers in all\n", map.writers());
  return text;
}

void create_file(const std::string& path, const ArrayMap& map, const Sidecar& sidecar) {
  require_new_file(path, "it is never overwritten: remove it or give another name");
  const auto file = open_posix_file(path, {.access = Access::read_write, .create_new = true});
  try {
    write_empty_array(*file, map);
    file->close();
    if (interrupted()) throw std::runtime_error("interrupted");
    write_sidecar(path, sidecar);
  } catch (...) {
    ::unlink(path.c_str());  // no incomplete file is left
    throw;
  }
}

ExitCode create(const CreateOptions& options) {
  catch_interrupts();
  const ArrayRequest request = request_of(options);
  const std::string id = new_array_id();
  const Sidecar sidecar{.array = request, .stamp_seed = stamp_seed_of(request.seed, id), .id = id};
  const ArrayMap map(sidecar.array);
  create_file(options.path, map, sidecar);
  print_output("{}: {} records of {} bytes, {}, {} ownership, {} bytes\n{}",
               printable(options.path), map.records(), map.record_bytes(), request.layout,
               ownership_name(request.ownership), map.file_bytes(), who_owns_what(map));
  return ExitCode::fine;
}

}  // namespace

Action declare_create(CLI::App& app) {
  auto options = std::make_shared<CreateOptions>();
  app.description(kCreateDescription);
  app.footer(kCreateExits);
  app.add_option("FILE", options->path, "The file to create")->required();
  add_array_options(app, options->array);
  add_placement_options(app, options->placement);
  return [options] { return create(*options); };
}

}  // namespace npyrace
