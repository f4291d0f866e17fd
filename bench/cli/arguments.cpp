#include "bench/cli/arguments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <optional>

#include "bench/storage/known_array.h"
#include "core/array/layout.h"
#include "core/array/ownership.h"
#include "core/array/stamp.h"
#include "core/base/error.h"
#include "core/base/table.h"
#include "core/base/text.h"

namespace npyrace {
namespace {

/// Without a description, so that the help shows only the type's name.
CLI::Validator validator(std::function<std::string(std::string&)> check) {
  return CLI::Validator(std::move(check), "");
}

std::optional<std::uint64_t> parsed(const std::string& text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || rest != end || error != std::errc()) return std::nullopt;
  return value;
}

bool is_digits(const std::string& text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](unsigned char c) { return c >= '0' && c <= '9'; });
}

std::string range_words(std::uint64_t least, std::uint64_t most) {
  const bool bounded = most != std::numeric_limits<std::uint64_t>::max();
  return bounded ? fmt::format(" from {} to {}", least, most) : fmt::format(" from {} on", least);
}

/// Runs one of CLI11's transformers; returns false if it rejects the text.
bool transformed(const CLI::Validator& transformer, std::string& text) {
  std::string copy = text;
  try {
    if (!transformer(copy).empty()) return false;
  } catch (const CLI::Error&) {
    return false;
  }
  text = copy;
  return true;
}

bool is_number_in(const std::string& text, double most) {
  double value = -1;
  return CLI::detail::lexical_cast(text, value) && value >= 0 && value <= most;
}

}  // namespace

CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) {
  return validator([least, most](std::string& text) -> std::string {
    const std::optional<std::uint64_t> value = parsed(text);
    if (value && *value >= least && *value <= most) return "";
    if (!value && is_digits(text)) return fmt::format("{} is more than 64 bits can hold", text);
    return fmt::format("'{}' is no whole number{}", text, range_words(least, most));
  });
}

CLI::Validator utf8_text() {
  return validator([](std::string& text) -> std::string {
    if (!first_invalid_utf8(text)) return "";
    return fmt::format("'{}' is not UTF-8, which orders to writers (JSON) must be", text);
  });
}

CLI::Option* add_paths_option(CLI::App& app, const std::string& name,
                              std::vector<std::string>& paths, const std::string& text) {
  const auto keep = [&paths](const std::vector<std::string>& values) {
    paths.clear();
    for (const std::string& value : values) {
      std::error_code error;
      if (std::filesystem::exists(value, error))
        paths.push_back(value);
      else
        std::ranges::copy(split(value, ','), std::back_inserter(paths));
    }
  };
  return app.add_option_function<std::vector<std::string>>(name, keep, text);
}

CLI::Validator size_in_bytes() {
  return validator([size = CLI::AsSizeValue(false)](std::string& text) -> std::string {
    const std::string typed = text;
    if (transformed(size, text) && parsed(text)) return "";
    text = typed;
    return fmt::format("'{}' is no number of bytes, as in 4096, 4k or 1M", typed);
  });
}

CLI::Validator time_span(const TimeUnits& units, const std::string& example, double most_seconds) {
  const CLI::AsNumberWithUnit with_unit(units, CLI::AsNumberWithUnit::CASE_INSENSITIVE);
  return validator([with_unit, example, most_seconds](std::string& text) -> std::string {
    const std::string typed = text;
    if (transformed(with_unit, text) && is_number_in(text, most_seconds)) return "";
    text = typed;
    return fmt::format("'{}' is no time, as in {}", typed, example);
  });
}

CLI::Validator one_of(const std::vector<std::string>& words) {
  return validator([words](std::string& text) -> std::string {
    if (std::ranges::find(words, text) != words.end()) return "";
    return unknown_name_message("word", text, words);
  });
}

void add_array_options(CLI::App& app, ArrayOptions& options, const std::string& group) {
  app.option_defaults()->group(group);
  app.add_option("--records", options.records, "Number of records")
      ->check(whole_number(1))
      ->type_name("N");
  app.add_option("--record-bytes", options.record_bytes,
                 "Bytes of a record, as raw bytes (NumPy's |V12 for 12)")
      ->check(whole_number(1))
      ->type_name("B");
  app.add_option("--descr", options.descr,
                 "NumPy's descr of an item: '<f8' or \"[('t', '<i8'), ('x', '<f4')]\"; default: "
                 "a pair of <i8")
      ->type_name("D");
  app.add_option(
         "--shape", options.shape,
         "Shape of the array, instead of --records: 1440,1000 has 1440 records of 1000 items")
      ->delimiter(',')
      ->check(whole_number())
      ->type_name("N,...");
}

void add_generation_option(CLI::App& app, std::optional<unsigned>& generation,
                           const std::string& text) {
  app.add_option("--generation", generation, text)
      ->check(whole_number(1, kLastGeneration))
      ->type_name("G");
}

void add_placement_options(CLI::App& app, PlacementOptions& options, const std::string& group) {
  app.option_defaults()->group(group);
  app.add_option("--writers", options.writers, "Number of writers that share the array")
      ->capture_default_str()
      ->check(whole_number(1))
      ->type_name("W");
  app.add_option("--layout", options.layout,
                 "packed: records back to back, as in any NPY file. padded-block: the records of "
                 "each writer begin at an alignment unit. padded-record: every record takes whole "
                 "alignment units, so that a record of 12 bytes takes 4096 bytes by default")
      ->capture_default_str()
      ->type_name("L");
  app.add_option("--align", options.align_bytes,
                 "Alignment unit of padded layouts, in bytes (4k, 1M); default: the page size, "
                 "usually 4096")
      ->transform(size_in_bytes())
      ->type_name("BYTES");
  app.add_option("--ownership", options.ownership,
                 "The records of each writer. block: one contiguous part. cyclic: writers take "
                 "turns, record by record. random: by chance")
      ->capture_default_str()
      ->type_name("O");
  app.add_option("--seed", options.seed, "Seed of record contents and of random ownership (1)")
      ->check(whole_number())
      ->type_name("S");
}

void require_used(const ArrayOptions& array, const PlacementOptions& placement) {
  if (describes_array(array, placement)) return;
  const PlacementOptions usual;
  const char* ignored = array.record_bytes                       ? "--record-bytes"
                        : array.descr                            ? "--descr"
                        : placement.writers != usual.writers     ? "--writers"
                        : placement.layout != usual.layout       ? "--layout"
                        : placement.align_bytes                  ? "--align"
                        : placement.ownership != usual.ownership ? "--ownership"
                                                                 : nullptr;
  if (ignored != nullptr)
    throw UsageError(
        fmt::format("{} counts only together with --records, --shape or --seed; without these, "
                    "FILE.npyrace.json describes the array",
                    ignored));
}

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

std::vector<std::string> SideOptions::candidate() const {
  return with(new_file, new_files);
}

void add_side_options(CLI::App& app, SideOptions& options) {
  app.add_option("BASE", options.base_file,
                 "The earlier result (--json), or Google Benchmark's JSON");
  app.add_option("NEW", options.new_file, "The result of the new run");
  app.option_defaults()->group("Several runs of each side, because runs differ");
  add_paths_option(
      app, "--base", options.base_files,
      "Results of several runs of the same program, from which noise is estimated; in addition to "
      "or instead of BASE")
      ->type_name("FILE,...");
  add_paths_option(app, "--new", options.new_files,
                   "Results of several new runs, in addition to or instead of NEW")
      ->type_name("FILE,...");
  app.add_flag(
      "--paired", options.paired,
      "The runs of --base and --new alternated: the first run of each side is a round, the second "
      "runs are the next round, ... Slow changes of the machine then affect both sides and cancel. "
      "Alternate the order within rounds: base new, new base, ...");
  app.option_defaults()->group("What is compared");
  app.add_option(
         "--time", options.time,
         "The time that is compared: wall, or cpu, the processor time of all writers, which other "
         "programs disturb less and which excludes waiting for a disk or a server")
      ->check(one_of({"wall", "cpu"}))
      ->capture_default_str()
      ->type_name("wall|cpu");
  app.add_option(
         "--relative-to", options.relative_to,
         "Divide times by the median of this cell of the same run, to compare machines of different "
         "speed; 'reference' is the bare write loop that every run measures")
      ->type_name("CELL");
}

Sides read_sides(const SideOptions& options) {
  if (options.base().empty() || options.candidate().empty())
    throw UsageError("two sides are needed: BASE NEW, or --base A,B,... --new C,D,...");
  if (options.paired && options.base().size() != options.candidate().size())
    throw UsageError(
        fmt::format("--paired: a round is one run of BASE and one of NEW: give as many of each, "
                    "not {} and {}",
                    options.base().size(), options.candidate().size()));
  return {.base = read_all(options.base(), options),
          .candidate = read_all(options.candidate(), options),
          .paired = options.paired};
}

}  // namespace npyrace
