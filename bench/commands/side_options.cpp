#include "bench/commands/side_options.h"

#include <fmt/format.h>

#include "bench/commands/typed_values.h"
#include "core/error.h"

namespace npyrace {
namespace {

std::vector<std::string> with(const std::string& first, std::vector<std::string> others) {
  if (!first.empty()) others.insert(others.begin(), first);
  return others;
}

std::vector<Measurements> read_all(const std::vector<std::string>& files,
                                   const SideOptions& options) {
  std::vector<Measurements> runs;
  for (const std::string& file : files) {
    runs.push_back(read_measurements(file));
    prepare(runs.back(), options);
  }
  return runs;
}

}  // namespace

void prepare(Measurements& run, const SideOptions& options) {
  if (options.time == "cpu") make_cpu(run);
  if (!options.relative_to.empty()) make_relative(run, options.relative_to);
}

std::vector<std::string> SideOptions::base() const {
  return with(base_file, base_files);
}

std::vector<std::string> SideOptions::fresh() const {
  return with(new_file, new_files);
}

void add_side_options(CLI::App& app, SideOptions& options) {
  app.add_option("BASE", options.base_file, "What --json wrote before, or Google Benchmark's JSON");
  app.add_option("NEW", options.new_file, "The same of now");
  app.add_option(
         "--base", options.base_files,
         "Results of several runs of the same: how much they differ from each other is noise. In "
         "place of BASE or added to it")
      ->delimiter(',')
      ->type_name("FILE,...");
  app.add_option("--new", options.new_files, "The same for NEW")
      ->delimiter(',')
      ->type_name("FILE,...");
  app.add_flag(
      "--paired", options.paired,
      "The runs of --base and --new were measured in turns: the first of each are a round, "
      "the second, ... What the machine did for minutes then hit both sides, and cancels. "
      "Let the order within rounds change: base new, new base, ...");
  app.add_option(
         "--time", options.time,
         "What is compared: wall, or cpu, the processor time of all writers, which neighbours on "
         "the machine disturb less and which no waiting for a disk or a server is in")
      ->check(one_of({"wall", "cpu"}))
      ->capture_default_str()
      ->type_name("wall|cpu");
  app.add_option(
         "--relative-to", options.relative_to,
         "Divide times by the median of this cell of the same run, so that machines of different "
         "speed compare; 'reference' is the bare write loop that every run measures")
      ->type_name("CELL");
}

Sides read_sides(const SideOptions& options) {
  if (options.base().empty() || options.fresh().empty())
    throw UsageError("two sides are needed: BASE NEW, or --base A,B,... --new C,D,...");
  if (options.paired && options.base().size() != options.fresh().size())
    throw UsageError(fmt::format("--paired: {} runs of BASE and {} of NEW are no rounds",
                                 options.base().size(), options.fresh().size()));
  return {.base = read_all(options.base(), options),
          .fresh = read_all(options.fresh(), options),
          .paired = options.paired};
}

}  // namespace npyrace
