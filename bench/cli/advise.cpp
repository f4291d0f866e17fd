#include <filesystem>
#include <memory>

#include "bench/analysis/recommend.h"
#include "bench/cli/commands.h"
#include "bench/cli/output.h"
#include "core/base/error.h"
#include "core/base/print.h"
#include "core/file/atomic_file.h"
#include "reports/json/json_result.h"
#include "reports/text/advice_report.h"
#include "reports/text/watch_report.h"
#include "reports/text/wrap.h"

namespace npyrace {
namespace {

constexpr const char* kAdviseDescription =
    "Recommend from the measurements in RESULT how to write: the fastest safe way, or the simplest\n"
    "of equally fast ones. Print also its cost, open questions with commands that answer them, and\n"
    "NumPy scripts that write that way: create.py, job.py, collect.py if files are combined\n"
    "afterwards, and read.py if rows are padded. For a program of your own (run --exec), name the\n"
    "layout and the two lines to change. For a result of watch, say which rows to give to which\n"
    "process.";

constexpr const char* kAdviseExits =
    "Exit code: 0 there is a recommendation; 1 no cell was safe, or a watched program loses data;\n"
    "2 usage; 3 the result cannot be read.";

struct AdviseOptions {
  std::string result;
  std::string recipe_dir;
};

void write_recipe(const Recipe& recipe, const std::string& dir) {
  if (recipe.empty()) throw UsageError("--recipe: there is no NumPy program for this advice");
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (error) throw SystemError({dir, "mkdir"}, error.value());
  for (const RecipeScript& script : recipe) {
    const std::string path = dir + "/" + script.name;
    write_file_atomically(path, script.text);
    print_note("wrote {}\n", printable(path));
  }
}

/// An unknown name comes from the result file, not from the command line.
void judge_again(RunResult& result, const std::string& path) {
  try {
    result.recommendation = recommend(result.cells, result.environment, result.programs);
  } catch (const UsageError& error) {
    throw FormatError(path + ": " + error.what());
  }
}

/// Advice for a watched program: which rows to give to which process.
ExitCode advise_watched(const WatchResult& result, const AdviseOptions& options) {
  if (!options.recipe_dir.empty())
    throw UsageError("--recipe: a result of watch has no measured way to write; run measures them");
  const std::string advice = watch_advice(result);
  write_output(advice.empty() ? "no two processes can lose each other's data as watched\n" : advice,
               "");
  return result.has(HazardLevel::loses) ? ExitCode::unsafe : ExitCode::fine;
}

ExitCode advise(const AdviseOptions& options) {
  if (const auto watched = read_watch_result_file(options.result))
    return advise_watched(*watched, options);
  RunResult result = read_result_file(options.result);
  judge_again(result, options.result);
  if (!options.recipe_dir.empty()) write_recipe(result.recommendation.recipe, options.recipe_dir);
  write_output(advice_report(result), "");
  return result.recommendation.cell.empty() ? ExitCode::unsafe : ExitCode::fine;
}

}  // namespace

Action declare_advise(CLI::App& app) {
  auto options = std::make_shared<AdviseOptions>();
  app.description(kAdviseDescription);
  app.footer(kAdviseExits);
  app.add_option("RESULT", options->result, "A result file of run --json, or of watch --json")
      ->required();
  app.add_option("--recipe", options->recipe_dir,
                 "Write the scripts to this folder as well; it is created if it does not exist")
      ->type_name("DIR");
  return [options] { return advise(*options); };
}

}  // namespace npyrace
