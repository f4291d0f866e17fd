#include "bench/soak/draw.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <random>

#include "bench/shell_word.h"
#include "bench/sync_policy.h"
#include "core/layouts/layout.h"
#include "core/posix_file.h"

namespace npyrace {
namespace {

/// A sync may take milliseconds: no more of them in a generation.
constexpr std::uint64_t kMostSyncs = 256;
constexpr std::uint64_t kMostRecords = 4096;
constexpr std::uint64_t kMostRecordBytes = 4096;
constexpr std::uint64_t kSmallestAlignBytes = 64;
constexpr std::uint64_t kLargestAlignBytes = 65536;
constexpr std::uint64_t kMostWriters = 16;
constexpr std::uint64_t kMostGenerations = 12;

/// Not the standard's distributions: they draw differently from library to library.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : bits_(seed) {}

  std::uint64_t between(std::uint64_t least, std::uint64_t most) {
    return least + bits_() % (most - least + 1);
  }
  /// As often from 1 to 2 as from 1000 to 2000.
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

/// "every" alone is no policy yet.
std::string draw_sync(Dice& dice, const std::string& kind) {
  return kind == "every" ? fmt::format("every:{}", dice.over_magnitudes(1, 64)) : kind;
}

std::uint64_t most_records(const std::string& sync) {
  const std::uint64_t interval = parse_sync_policy(sync).interval_records();
  return interval == 0 ? kMostRecords : std::min(kMostRecords, interval * kMostSyncs);
}

/// Packed records have no alignment; then it is the page, which they may share.
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

/// A directory may have been typed as seen from here.
std::string absolute(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

void add(std::string& command, const char* option, const std::string& value) {
  if (!value.empty()) command += fmt::format(" {} {}", option, shell_word(value));
}

template <typename Number>
std::string text(const std::optional<Number>& number) {
  return number ? std::to_string(*number) : "";
}

void add_place(std::string& command, const RunOptions& drawn) {
  if (!drawn.lab.empty()) return add(command, "--lab", drawn.lab);
  std::vector<std::string> dirs;
  for (const std::string& dir : drawn.dirs) dirs.push_back(absolute(dir));
  if (dirs.empty()) dirs.push_back(absolute("."));
  add(command, "--dir", fmt::format("{}", fmt::join(dirs, ",")));
  if (!drawn.judge.empty()) add(command, "--judge", absolute(drawn.judge));
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

}  // namespace npyrace
