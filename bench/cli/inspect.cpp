#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "bench/cli/arguments.h"
#include "bench/cli/commands.h"
#include "core/base/error.h"
#include "core/base/print.h"
#include "core/file/posix_file.h"
#include "core/npy/npy_header.h"
#include "reports/text/inspect_report.h"
#include "reports/text/wrap.h"

namespace npyrace {
namespace {

constexpr const char* kInspectDescription =
    "Print what the headers of NPY files say: shape, order, data type, where the data begin, and\n"
    "whether the file is as long as it should be. The data are neither read nor mapped, so this\n"
    "takes no longer for large files.\n\n"
    "A file that is no valid NPY file gets one line on standard error; the other files are printed\n"
    "all the same.";

constexpr const char* kInspectExits =
    "Exit code: 0 every header is valid; 2 usage; 3 a file is no valid NPY file, or with --check a\n"
    "file is shorter than its header claims.";

/// Options as typed.
struct InspectOptions {
  std::vector<std::string> paths;
  bool json = false;
  bool check = false;
  std::uint64_t header_characters = kDefaultHeaderCharacters;
};

InspectedFile inspected(const std::string& path, const ReadLimits& limits) {
  const auto file = open_posix_file(path, {.access = Access::read});
  InspectedFile result{path, read_header(*file, limits), file->size_bytes()};
  file->close();
  return result;
}

std::string formatted(const InspectedFile& file, const InspectOptions& options) {
  if (!options.json) return inspect_text(file);
  return inspect_json(file, {.first_key_file = options.paths.size() > 1}) + "\n";
}

/// Prints results in the order of the files, with errors in between.
ExitCode inspect(const InspectOptions& options) {
  ExitCode code = ExitCode::fine;
  for (const std::string& path : options.paths) {
    try {
      const InspectedFile file = inspected(path, {.header_characters = options.header_characters});
      print_output("{}", formatted(file, options));
      if (options.check && missing_bytes(file) > 0)
        throw FormatError(
            fmt::format("{}: the file is {} bytes shorter than its header claims (at byte {})",
                        path, missing_bytes(file), file.file_bytes));
    } catch (const HeaderTooLong& error) {
      print_note("npyrace: {}; --max-header-characters N lifts the limit\n",
                 printable(error.what()));
      code = ExitCode::trouble;
    } catch (const std::exception& error) {
      print_note("npyrace: {}\n", printable(error.what()));
      code = ExitCode::trouble;
    }
  }
  return code;
}

}  // namespace

Action declare_inspect(CLI::App& app) {
  auto options = std::make_shared<InspectOptions>();
  app.description(kInspectDescription);
  app.footer(kInspectExits);
  app.add_option("FILE", options->paths, "NPY files")->required();
  app.add_flag("--check", options->check,
               "Exit with 3 if a file is shorter than its header claims");
  app.add_flag(
      "--json", options->json,
      "Print one line of JSON per file, with \"truncated\" if the file is too short; with several "
      "files the first key is \"file\"");
  app.add_option("--max-header-characters,--max-header-bytes", options->header_characters,
                 "Refuse headers of more characters; this is NumPy's max_header_size, which counts "
                 "characters and not bytes")
      ->check(whole_number(1))
      ->capture_default_str()
      ->type_name("N");
  return [options] { return inspect(*options); };
}

}  // namespace npyrace
