#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <optional>

#include "bench/cli/arguments.h"
#include "bench/cli/commands.h"
#include "bench/cli/output.h"
#include "bench/launchers/launcher.h"
#include "bench/storage/known_array.h"
#include "core/base/error.h"
#include "core/base/print.h"
#include "core/file/atomic_file.h"
#include "core/os/signals.h"
#include "reports/text/wrap.h"

namespace npyrace {
namespace {

constexpr const char* kExpectDescription =
    "Write the content that the writers of FILE must produce, as an array of the same form. Your\n"
    "program, in any language, opens both files and copies its own records from OUT to FILE; then\n"
    "verify checks them in FILE. The content is computed from FILE.npyrace.json, which create wrote,\n"
    "or from the options that describe the array.\n\n"
    "OUT is written whole or not at all. An existing OUT is refused unless --force is given.";

constexpr const char* kExpectExits =
    "Exit code: 0 written, 2 usage, 3 FILE cannot be read or OUT cannot be written.";

struct ExpectOptions {
  std::string file;
  std::string out;
  std::optional<unsigned> generation;
  bool force = false;
  ArrayOptions array;
  PlacementOptions placement;
};

void require_another_file(const ExpectOptions& options) {
  std::error_code ignored;
  if (std::filesystem::equivalent(options.file, options.out, ignored))
    throw UsageError(options.out + ": OUT is FILE itself");
}

ExitCode expect(const ExpectOptions& options) {
  catch_interrupts();
  require_used(options.array, options.placement);
  require_another_file(options);
  if (!options.force) require_new_file(options.out, "--force replaces it");
  const Sidecar known = known_array(options.file, options.array, options.placement);
  const ArrayMap map(with_own_header(known.array, options.file));
  if (!map.too_few_values().empty())
    throw UsageError(fmt::format("{}: {}", options.file, map.too_few_values()));
  const unsigned generation = options.generation.value_or(known.generation);
  write_file_atomically(
      options.out, options.force ? Existing::replace : Existing::keep, [&](File& file) {
        write_expected_array(file, map, map.stamper(known.stamp_seed), generation, [] {
          if (interrupted()) throw Interrupted();
        });
      });
  print_output("{}: {} records of {} bytes, generation {}, {} bytes\n", printable(options.out),
               map.records(), map.record_bytes(), generation, map.file_bytes());
  return ExitCode::fine;
}

}  // namespace

Action declare_expect(CLI::App& app) {
  auto options = std::make_shared<ExpectOptions>();
  app.description(kExpectDescription);
  app.footer(kExpectExits);
  app.add_option("FILE", options->file, "The array that writers will write")->required();
  app.add_option("OUT", options->out, "File for the expected content")->required();
  app.option_defaults()->group("What to write");
  add_generation_option(app, options->generation,
                        "Number of the round of writing, counted from 1; default: the one in "
                        "FILE.npyrace.json, which is 1 after create");
  app.add_flag("--force", options->force, "Replace OUT if it exists");
  add_array_options(app, options->array, kWithoutSidecar);
  add_placement_options(app, options->placement, kWithoutSidecar);
  return [options] { return expect(*options); };
}

}  // namespace npyrace
