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

namespace npyrace {
namespace {

constexpr const char* kAdviseDescription =
    "Say which way of writing to follow, from what was measured and nothing else: the fastest that was\n"
    "seen safe, of ways that cannot be told apart the simplest; what it costs; what is not known yet, and\n"
    "the command that finds out; and a NumPy program to paste that writes that way: create.py, job.py and,\n"
    "where files are brought together afterwards, collect.py, and read.py where rows are padded. For a\n"
    "program of your own: the layout, and the two lines of it to change.\n\n"
    "Exit code: 0 there is advice, 1 nothing was seen safe, 2 usage, 3 the result cannot be read.";

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
    print_note("wrote {}\n", path);
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

ExitCode advise(const AdviseOptions& options) {
  RunResult result = read_result_file(options.result);
  judge_again(result, options.result);
  if (!options.recipe_dir.empty()) write_recipe(result.recommendation.recipe, options.recipe_dir);
  write_output(advice_report(result), "");
  return result.recommendation.cell.empty() ? ExitCode::unsafe : ExitCode::fine;
}

}  // namespace

Action declare_advise(CLI::App& app) {
  auto options = std::make_shared<AdviseOptions>();
  app.footer(kAdviseDescription);
  app.add_option("RESULT", options->result, "What run --json wrote")->required();
  app.add_option(
         "--recipe", options->recipe_dir,
         "Write the scripts of the program into this folder, too; it is made if it is not there")
      ->type_name("DIR");
  return [options] { return advise(*options); };
}

}  // namespace npyrace
