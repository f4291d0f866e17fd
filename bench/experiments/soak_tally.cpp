#include "bench/experiments/soak_tally.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <random>
#include <utility>

#include "bench/storage/mounts.h"
#include "bench/strategies/race_order.h"
#include "core/array/layout.h"
#include "core/file/posix_file.h"
#include "core/os/shell.h"

namespace npyrace {
namespace {

/// Maximum number of syncs per generation: each may take milliseconds.
constexpr std::uint64_t kMostSyncs = 256;
constexpr std::uint64_t kMostRecords = 4096;
constexpr std::uint64_t kMostRecordBytes = 4096;
constexpr std::uint64_t kSmallestAlignBytes = 64;
constexpr std::uint64_t kLargestAlignBytes = 65536;
constexpr std::uint64_t kMostWriters = 16;
constexpr std::uint64_t kMostGenerations = 12;

/// The standard distributions differ between libraries.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : bits_(seed) {}

  std::uint64_t between(std::uint64_t least, std::uint64_t most) {
    return least + bits_() % (most - least + 1);
  }
  /// Log-uniform: as often from 1 to 2 as from 1000 to 2000.
  std::uint64_t over_magnitudes(std::uint64_t least, std::uint64_t most) {
    const auto high = static_cast<std::uint64_t>(std::bit_width(most));
    const std::uint64_t limit = std::uint64_t{1}
                                << between(static_cast<std::uint64_t>(std::bit_width(least)), high);
    return between(least, std::clamp(limit, least, most));
  }
  template <typename Value>
  Value one_of(const std::vector<Value>& values) {
    return values[between(0, values.size() - 1)];
  }
  template <typename Value>
  Value one_of(const std::vector<Value>& typed, const std::vector<Value>& choices) {
    return one_of(typed.empty() ? choices : typed);
  }

 private:
  std::mt19937_64 bits_;
};

/// Completes the sync policy "every" with a number of records.
std::string draw_sync(Dice& dice, const std::string& kind) {
  return kind == "every" ? fmt::format("every:{}", dice.over_magnitudes(1, 64)) : kind;
}

std::uint64_t most_records(const std::string& sync) {
  const std::uint64_t interval = parse_sync_policy(sync).interval_records();
  return interval == 0 ? kMostRecords : std::min(kMostRecords, interval * kMostSyncs);
}

/// Packed records have no alignment; the unit that they may share is the page.
std::uint64_t draw_align(Dice& dice, const std::string& layout) {
  if (!find_layout(layout).padded) return page_bytes();
  std::vector<std::uint64_t> all;
  for (std::uint64_t bytes = kSmallestAlignBytes; bytes <= kLargestAlignBytes; bytes *= 2)
    all.push_back(bytes);
  return dice.one_of(all);
}

std::uint64_t draw_record_bytes(Dice& dice) {
  return dice.one_of<std::uint64_t>({16, 16, dice.over_magnitudes(1, kMostRecordBytes)});
}

ArrayOptions draw_array(Dice& dice, const ArrayOptions& typed, const std::string& sync,
                        std::uint64_t writers) {
  ArrayOptions array = typed;
  const std::uint64_t fewest = 4 * writers;
  const std::uint64_t drawn = dice.over_magnitudes(fewest, std::max(fewest, most_records(sync)));
  if (!array.records) array.records = drawn;
  const std::uint64_t record_bytes = draw_record_bytes(dice);
  if (!array.record_bytes && !array.descr) array.record_bytes = record_bytes;
  return array;
}

/// Makes the directory absolute, because it may have been typed as a relative path.
std::string absolute(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

void add(std::string& command, const char* option, const std::string& value) {
  if (!value.empty()) command += fmt::format(" {} {}", option, shown_shell_word(value));
}

template <typename Number>
std::string text(const std::optional<Number>& number) {
  return number ? std::to_string(*number) : "";
}

/// Returns the absolute path; for a directory of a lab its place ({n1}), because the directory is
/// removed with the lab.
std::string lasting(const std::string& path) {
  const std::string place = place_in_lab(absolute(path));
  return place.empty() ? absolute(path) : place;
}

void add_place(std::string& command, const RunOptions& drawn) {
  if (!drawn.lab.empty()) return add(command, "--lab", drawn.lab);
  std::vector<std::string> dirs;
  for (const std::string& dir : drawn.dirs) dirs.push_back(lasting(dir));
  if (dirs.empty()) dirs.push_back(lasting("."));
  if (dirs.front().starts_with("{")) command = surrounding_lab() + " -- " + command;
  add(command, "--dir", fmt::format("{}", fmt::join(dirs, ",")));
  if (!drawn.judge.empty()) add(command, "--judge", lasting(drawn.judge));
}

}  // namespace

RunOptions draw_cell(const SoakChoices& choices, const RunOptions& typed, std::uint64_t seed) {
  Dice dice(seed);
  RunOptions drawn;
  drawn.scenarios = {"soak"};
  drawn.dirs = typed.dirs;
  drawn.lab = typed.lab;
  drawn.judge = typed.judge;
  drawn.local = typed.local;
  drawn.patience = typed.patience;
  drawn.seed = seed;
  drawn.strategies = {dice.one_of(choices.strategies)};
  drawn.layouts = {dice.one_of(choices.layouts)};
  drawn.ownerships = {dice.one_of(choices.ownerships)};
  drawn.launchers = {dice.one_of(choices.launchers)};
  drawn.caches = {dice.one_of(choices.caches)};
  drawn.syncs = {draw_sync(dice, dice.one_of(choices.syncs))};
  const std::uint64_t align_bytes = draw_align(dice, drawn.layouts.front());
  drawn.aligns_bytes = {dice.one_of(typed.aligns_bytes, {align_bytes})};
  drawn.writers = {dice.one_of(typed.writers, {dice.between(2, kMostWriters)})};
  drawn.array = draw_array(dice, typed.array, drawn.syncs.front(), drawn.writers.front());
  const std::uint64_t generations = dice.between(2, kMostGenerations);
  drawn.generations = typed.generations.value_or(generations);
  drawn.repetitions = typed.repetitions.value_or(1);
  return drawn;
}

std::string replay_command(const RunOptions& drawn) {
  std::string command = "npyrace run";
  add_place(command, drawn);
  add(command, "--strategies", drawn.strategies.front());
  add(command, "--layouts", drawn.layouts.front());
  add(command, "--align", std::to_string(drawn.aligns_bytes.front()));
  add(command, "--ownership", drawn.ownerships.front());
  add(command, "--sync", drawn.syncs.front());
  add(command, "--launcher", drawn.launchers.front());
  add(command, "--cache", drawn.caches.front());
  add(command, "--writers", std::to_string(drawn.writers.front()));
  add(command, "--records", text(drawn.array.records));
  add(command, "--record-bytes", text(drawn.array.record_bytes));
  add(command, "--descr", drawn.array.descr.value_or(""));
  add(command, "--generations", text(drawn.generations));
  add(command, "--repetitions", text(drawn.repetitions));
  add(command, "--local", drawn.local);
  add(command, "--seed", text(drawn.seed));
  return command;
}

namespace {

std::uint64_t count_of(const std::map<Verdict, std::uint64_t>& counts, Verdict verdict) {
  const auto place = counts.find(verdict);
  return place == counts.end() ? 0 : place->second;
}

std::uint64_t sum_of(const std::map<Verdict, std::uint64_t>& counts) {
  std::uint64_t sum = 0;
  for (const auto& [verdict, count] : counts) sum += count;
  return sum;
}

/// The first of these verdicts that occurred: losses, then failures that may hide one.
Verdict verdict_of(const std::map<Verdict, std::uint64_t>& counts) {
  for (const Verdict verdict :
       {Verdict::unsafe, Verdict::failed, Verdict::safe, Verdict::inconclusive})
    if (count_of(counts, verdict) > 0) return verdict;
  return Verdict::skipped;
}

std::string reason_of(Verdict verdict, const std::map<Verdict, std::uint64_t>& counts) {
  const std::uint64_t count = count_of(counts, verdict);
  switch (verdict) {
    case Verdict::unsafe:
      return fmt::format("records were lost in {} of {} cells", count, sum_of(counts));
    case Verdict::failed:
      return fmt::format("{} of {} cells could not be raced", count, sum_of(counts));
    case Verdict::safe:
      return fmt::format("nothing was lost; {} of {} cells say something about that", count,
                         sum_of(counts));
    default:
      return fmt::format("no cell of {} says anything", sum_of(counts));
  }
}

}  // namespace

bool SoakTally::is_news(const CellResult& cell) {
  return cell.verdict == Verdict::unsafe || cell.verdict == Verdict::failed;
}

void SoakTally::add(CellResult cell) {
  ++all_[cell.verdict];
  ++by_strategy_[cell.cell.strategy][cell.verdict];
  if (!is_news(cell)) return;
  const bool known = std::ranges::any_of(
      kept_, [&](const CellResult& other) { return other.cell.name == cell.cell.name; });
  if (known || kept_.size() >= kMostKept) {
    ++not_kept_;
    return;
  }
  if (cell.examples.size() > kMostExamplesKept) cell.examples.resize(kMostExamplesKept);
  kept_.push_back(std::move(cell));
}

std::string SoakTally::words() const {
  return fmt::format("{} cells, {} unsafe", sum_of(all_), count_of(all_, Verdict::unsafe));
}

ExperimentResult SoakTally::experiment(const std::string& name, const Counts& counts) const {
  const Verdict verdict = verdict_of(counts);
  ExperimentResult result{.scenario = "soak",
                          .name = name,
                          .verdict = verdict,
                          .reason = reason_of(verdict, counts),
                          .counts = {{"cells", sum_of(counts)}}};
  for (const Verdict each :
       {Verdict::safe, Verdict::unsafe, Verdict::inconclusive, Verdict::failed, Verdict::skipped})
    result.counts.emplace_back(verdict_name(each), count_of(counts, each));
  return result;
}

void SoakTally::into(RunResult& result, double seconds, bool cut_short) const {
  ExperimentResult whole = experiment("all", all_);
  whole.reason += fmt::format(", in {:.0f} s{}", seconds, cut_short ? ", then interrupted" : "");
  if (not_kept_ > 0)
    whole.reason += fmt::format(
        "; {} cells that went wrong are counted and not kept: the same again, or more than {}",
        not_kept_, kMostKept);
  result.experiments.push_back(std::move(whole));
  for (const auto& [strategy, counts] : by_strategy_)
    result.experiments.push_back(experiment(strategy, counts));
  result.cells.insert(result.cells.end(), kept_.begin(), kept_.end());
}

}  // namespace npyrace
