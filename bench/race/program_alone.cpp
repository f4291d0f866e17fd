#include "bench/race/program_alone.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "bench/launchers/exec_program.h"
#include "bench/race/file_race.h"
#include "bench/storage/known_array.h"
#include "bench/storage/views.h"
#include "core/base/error.h"
#include "core/npy/npy_header.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"
#include "core/os/temporary_folder.h"

namespace npyrace {
namespace {

struct AloneOutcome {
  std::vector<std::uint64_t> wrong;  ///< wrong records directly after the program's end
  bool comes_late = false;           ///< they were correct some seconds later
};

enum class LateData { wait, ignore };

/// True if the program has created the array anew, as mode 'w+' does. Its records may then lie at
/// other offsets, so the run alone is no evidence and only the race counts.
bool made_anew(const CellFiles& files, const RaceFile& file) {
  try {
    const NpyHeader header = read_header(file.path_in(files.plan().judge_dir));
    return header.data_offset_bytes != files.map().data_offset_bytes();
  } catch (const FormatError&) {
    return true;
  }
}

/// True if the records become correct within ten seconds after their writer has ended: a node may
/// keep unsynced stores to a mapping that long. Does not wait if all writers share one page cache,
/// in which such stores are visible at once.
bool comes_late(const CellFiles& files, const std::function<bool()>& is_right) {
  constexpr std::chrono::seconds kLongest{10};
  constexpr std::chrono::milliseconds kPause{500};
  files.context().site.quiesce(Pending::all);
  if (is_right()) return true;
  const RunPlan& plan = files.plan();
  const bool one_cache = plan.mounts.size() == 1 && plan.mounts.front().description.one_node;
  const std::int64_t end_ns = monotonic_ns() + std::chrono::nanoseconds(kLongest).count();
  while (plan.lab.empty() && !one_cache && monotonic_ns() < end_ns) {
    if (interrupted()) throw Interrupted();
    std::this_thread::sleep_for(kPause);
    if (is_right()) return true;
  }
  return false;
}

AloneOutcome wrong_alone(CellFiles& files, std::uint64_t writer, LateData late_data) {
  constexpr std::chrono::seconds kLongest{10};
  if (files.map().count(writer) == 0) return {};
  const std::unique_ptr<RaceFile> file = files.make();
  const std::uint64_t stamp_seed = files.fresh_stamp_seed();
  LaunchRequest request = files.launch_request(*file, stamp_seed, 1);
  request.patience = std::min(request.patience, kLongest);
  const GenerationReport report = files.run_alone(request, writer);
  if (!report.failures.empty() || report.replaced_file) return {};
  require_same_file(*file, "");
  const auto wrong_now = [&] {
    const Findings found =
        files.read_back(*file, {.generation = 1, .promises = report.promises}, stamp_seed, false);
    std::vector<std::uint64_t> wrong;
    for (const std::uint64_t element : found.damaged)
      if (files.map().writer_of(element) == writer) wrong.push_back(element);
    return wrong;
  };
  AloneOutcome outcome{.wrong = wrong_now()};
  if (outcome.wrong.empty() || made_anew(files, *file)) return {};
  if (late_data == LateData::wait)
    outcome.comes_late = comes_late(files, [&] { return wrong_now().empty(); });
  return outcome;
}

}  // namespace

/// The program ended before its unsynced data arrived, or did not write them. In the latter case it
/// is run twice: a file system that loses writes would lose other records the second time.
AloneResult try_alone(CellFiles& files, std::uint64_t writer) {
  const auto [wrong, late] = wrong_alone(files, writer, LateData::wait);
  if (wrong.empty()) return {};
  if (late)
    return {.late =
                "writers ended before their records were in the file: they came seconds later. "
                "The program has to sync (flush() of a NumPy memmap, msync, fsync) before it ends"};
  if (wrong_alone(files, writer, LateData::ignore).wrong != wrong) return {};
  return {
      .fault = fmt::format(
          "your program, run alone as writer {}, did not write NPYRACE_EXPECT into its slice "
          "of NPYRACE_FILE: {} of its {} records are wrong, the first is record {} at byte {}. "
          "Let it copy array[start:stop:step] from NPYRACE_EXPECT to NPYRACE_FILE, or, if it writes numbers of "
          "its own that are the same each time, add --expect serial (docs/programs.md)",
          writer, wrong.size(), files.map().count(writer), wrong.front(),
          files.map().record_offset_bytes(wrong.front()))};
}

namespace {

using Content = std::vector<std::byte>;

/// The whole file, read past the page cache where possible.
Content content_of(const CellFiles& files, const RaceFile& file) {
  const Site& site = files.context().site;
  site.quiesce(Pending::all);
  const std::string& judge_dir = files.plan().judge_dir;
  const std::string path = file.path_in(judge_dir);
  const View judge = choose_judge(path, judge_dir, site.open_file);
  const std::uint64_t size_bytes = site.open_file(path, {})->size_bytes();
  const auto reader = judge.read_path->open(site.open_file, path);
  constexpr std::uint64_t kPieceBytes = 4 << 20;
  Content content;
  for (std::uint64_t at = 0; at < size_bytes; at += kPieceBytes) {
    const auto piece =
        reader->read(at, static_cast<std::size_t>(std::min(kPieceBytes, size_bytes - at)));
    content.insert(content.end(), piece.begin(), piece.end());
  }
  return content;
}

struct SerialRun {
  std::vector<std::uint64_t> idle;
  Content before, after;
  std::vector<std::uint32_t> owners;
  std::vector<bool> shared;
};

void require_well(const GenerationReport& report, std::uint64_t writer) {
  if (report.failures.empty()) return;
  const WriterFailure& failure = report.failures.front();
  if (failure.hung)
    throw RaceError(
        fmt::format(
            "your program: {}; --expect serial runs its writers one after the other, so that "
            "none can wait for another",
            failure.words),
        false);
  throw RaceError(
      fmt::format("your program, where only one writer runs at a time: {}",
                  failure.words.empty() ? fmt::format("writer {} failed", writer) : failure.words),
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

SerialRun run_all(CellFiles& files) {
  const ArrayMap& map = files.map();
  const std::unique_ptr<RaceFile> file = files.make();
  SerialRun run{.idle = {}, .before = content_of(files, *file)};
  run.owners.assign(static_cast<std::size_t>(map.elements()), kNobody);
  run.shared.assign(static_cast<std::size_t>(map.elements()), false);
  run.after = run.before;
  for (std::uint64_t writer = 0; writer < files.cell().description.writers; ++writer) {
    require_well(files.run_alone(files.launch_request(*file, 0, 1), writer), writer);
    Content now = content_of(files, *file);
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

/// The array to race on: with --exec-create runs that command once and looks at what it made.
ArrayRequest array_of_program(const CellFiles& files) {
  ArrayRequest made = files.cell().array;
  if (files.plan().exec.create.empty()) return made;
  const TemporaryFolder folder("exec");
  const std::string path = folder.file("array.npy");
  run_create_program(files.create_request(), path, files.map());
  try {
    made = array_in_file(path);
    if (made.records == 0) throw FormatError("it has no records");
    ArrayMap{made};
  } catch (const std::exception& error) {
    throw RaceError(
        fmt::format("--exec-create: made an array that cannot be raced: {}", error.what()), false);
  }
  made.writers = files.cell().array.writers;
  made.align_bytes = files.cell().array.align_bytes;
  return made;
}

}  // namespace

void learn_truth(CellFiles& files) {
  const ArrayRequest array = array_of_program(files);
  files.adopt_array(array);
  SerialRun run = run_all(files);
  if (std::ranges::all_of(run.owners, [](std::uint32_t owner) { return owner == kNobody; }))
    throw RaceError(
        "your program changed nothing in the array when its writers ran one after the other: let COMMAND "
        "open {file} (or $NPYRACE_FILE) and write what is writer {writer}'s of {writers}",
        false);
  require_reproducible(files.map(), run, run_all(files));
  const auto shared = std::ranges::find(run.shared, true);
  SerialTruth learned{
      .array = array,
      .truth = {.before = std::move(run.before), .after = std::move(run.after), .shared = {}},
      .idle = std::move(run.idle)};
  if (shared != run.shared.end())
    learned.first_shared = static_cast<std::uint64_t>(shared - run.shared.begin());
  learned.truth.shared = std::move(run.shared);
  learned.array.ownership = Ownership::observed;
  learned.array.writers = files.cell().description.writers;
  learned.array.observed =
      std::make_shared<const std::vector<std::uint32_t>>(std::move(run.owners));
  files.adopt_truth(std::move(learned));
}

}  // namespace npyrace
