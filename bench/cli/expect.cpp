#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "bench/cli/arguments.h"
#include "bench/cli/commands.h"
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
    "Write the content that writers of FILE must produce, as an array of the same form: a program "
    "in\n"
    "any language opens both and copies its own records from OUT to FILE; then verify checks "
    "them\n"
    "in FILE. The content is computed from FILE.npyrace.json or from the options below.\n\n"
    "OUT is written whole or not at all. An existing file is refused unless --force says so.";

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
  require_another_file(options);
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
  app.footer(kExpectDescription);
  app.add_option("FILE", options->file, "The array that writers will write")->required();
  app.add_option("OUT", options->out, "File for the expected content")->required();
  add_generation_option(app, options->generation,
                        "Number of the round of writing; default: the next one");
  app.add_flag("--force", options->force, "Replace OUT if it exists");
  add_array_options(app, options->array);
  add_placement_options(app, options->placement);
  return [options] { return expect(*options); };
}

}  // namespace npyrace
