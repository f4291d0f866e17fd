#include "bench/race/serial_truth.h"

#include <fmt/format.h>

#include <algorithm>

namespace npyrace {
namespace {

using Content = std::vector<std::byte>;

struct SerialRun {
  std::vector<std::uint64_t> idle;
  Content before, after;
  std::vector<std::uint32_t> owners;
  std::vector<bool> shared;
};

void require_well(const GenerationReport& report, std::uint64_t writer) {
  if (report.deaths.empty()) return;
  const Death& death = report.deaths.front();
  if (death.hung)
    throw RaceError(
        fmt::format(
            "your program: {}; --expect serial runs its writers one after the other, so that "
            "none can wait for another",
            death.words),
        false);
  throw RaceError(
      fmt::format("your program, where only one writer runs at a time: {}",
                  death.words.empty() ? fmt::format("writer {} failed", writer) : death.words),
      false);
}

void require_same_size(const Content& before, const Content& now, std::uint64_t writer) {
  if (before.size() == now.size()) return;
  throw RaceError(
      fmt::format(
          "your program changed the size of the array from {} to {} bytes as writer {}: make it "
          "whole before, by --exec-create or by --shape and --descr",
          before.size(), now.size(), writer),
      false);
}

SerialRun run_all(const ArrayMap& map, const SerialStage& stage) {
  const std::unique_ptr<RaceFile> file = stage.make_file();
  SerialRun run{.idle = {}, .before = stage.content(*file)};
  run.owners.assign(static_cast<std::size_t>(map.elements()), kNobody);
  run.shared.assign(static_cast<std::size_t>(map.elements()), false);
  run.after = run.before;
  for (std::uint64_t writer = 0; writer < stage.writers; ++writer) {
    require_well(stage.run_alone(*file, writer), writer);
    Content now = stage.content(*file);
    require_same_size(run.after, now, writer);
    const std::vector<std::uint64_t> changed = changed_elements(map, run.after, now);
    if (changed.empty()) run.idle.push_back(writer);
    for (const std::uint64_t element : changed) {
      const auto index = static_cast<std::size_t>(element);
      run.shared[index] = run.shared[index] || run.owners[index] != kNobody;
      run.owners[index] = static_cast<std::uint32_t>(writer);
    }
    run.after = std::move(now);
  }
  return run;
}

std::string by_writer(const SerialRun& run, std::uint64_t element) {
  const std::uint32_t writer = run.owners[static_cast<std::size_t>(element)];
  return writer == kNobody ? "that nobody writes" : fmt::format("of writer {}", writer);
}

void require_reproducible(const ArrayMap& map, const SerialRun& first, const SerialRun& second) {
  if (first.before != second.before)
    throw RaceError(
        "--exec-create is not reproducible: it made two different arrays; --expect serial needs the "
        "same one each time",
        false);
  if (first.after == second.after) return;
  const auto differing = changed_elements(map, first.after, second.after);
  const std::string where = differing.empty()
                                ? "the header"
                                : fmt::format("record {} at byte {}, {}", differing.front(),
                                              map.record_offset_bytes(differing.front()),
                                              by_writer(first, differing.front()));
  throw RaceError(
      fmt::format(
          "your program is not reproducible: run twice, one writer after the other, it left "
          "different content in {} ({} records in all); --expect serial needs the same each time: fix "
          "its random seed, and write no times",
          where, differing.size()),
      false);
}

}  // namespace

SerialTruth learn_truth(const ArrayRequest& array, const SerialStage& stage) {
  const ArrayMap map(array);
  SerialRun run = run_all(map, stage);
  if (std::ranges::all_of(run.owners, [](std::uint32_t owner) { return owner == kNobody; }))
    throw RaceError(
        "your program changed nothing in the array when its writers ran one after the other: let COMMAND "
        "open {file} (or $NPYRACE_FILE) and write what is writer {writer}'s of {writers}",
        false);
  require_reproducible(map, run, run_all(map, stage));
  const auto shared = std::ranges::find(run.shared, true);
  SerialTruth learned{
      .array = array,
      .truth = {.before = std::move(run.before), .after = std::move(run.after), .shared = {}},
      .idle = std::move(run.idle)};
  if (shared != run.shared.end())
    learned.first_shared = static_cast<std::uint64_t>(shared - run.shared.begin());
  learned.truth.shared = std::move(run.shared);
  learned.array.ownership = Ownership::observed;
  learned.array.writers = stage.writers;
  learned.array.observed =
      std::make_shared<const std::vector<std::uint32_t>>(std::move(run.owners));
  return learned;
}

}  // namespace npyrace
