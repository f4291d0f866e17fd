#include "bench/experiments/durability.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <random>

#include "bench/experiments/crash_disk.h"
#include "bench/experiments/power_cut.h"
#include "bench/race/progress.h"
#include "bench/storage/sidecar.h"
#include "bench/strategies/race_order.h"
#include "core/array/stamp.h"
#include "core/base/error.h"
#include "core/os/process.h"
#include "core/os/signals.h"

namespace npyrace {

void CutTally::add(const CutResult& cut) {
  ++cuts_;
  while_writing_ += cut.while_writing;
  acknowledged_ += cut.acknowledged;
  lost_ += cut.findings.anomalies.damaging();
  old_ += cut.findings.unwritten;
  closed_and_lost_ += cut.closed_and_lost;
  for (const Example& example : cut.findings.examples)
    examples_.push_back(fmt::format("cut {}: {}: {} at byte {}: expected {}, found {}", cuts_,
                                    anomaly_name(example.anomaly), place_words(example),
                                    example.offset_bytes, example.expected, example.found));
}

void CutTally::give_up(std::string problem, bool refused) {
  problem_ = std::move(problem);
  refused_ = refused;
}

// Losses take precedence over later problems.
CutTally::Judgement CutTally::judge(bool bites) const {
  if (lost_ > 0)
    return {Verdict::unsafe,
            promises_ ? fmt::format("{} records that a sync had promised were lost, or damaged as "
                                    "no power cut may",
                                    lost_)
                      : fmt::format("{} records were damaged as no power cut may", lost_)};
  if (!problem_.empty()) return {refused_ ? Verdict::skipped : Verdict::failed, problem_};
  if (!promises_)
    return {Verdict::inconclusive,
            fmt::format("without a sync nothing is promised: {} records were gone after {} power "
                        "cuts although their writers had closed the file",
                        closed_and_lost_, cuts_)};
  if (while_writing_ == 0)
    return {Verdict::inconclusive, "no cut came while writers wrote: use more --repetitions"};
  if (!bites)
    return {Verdict::inconclusive,
            "no cut took away what was not synced either: that all is there proves nothing"};
  return {Verdict::safe, fmt::format("all that was promised was there after {} power cuts", cuts_)};
}

ExperimentResult CutTally::result(bool bites) const {
  Judgement judgement = judge(bites);
  ExperimentResult result{.scenario = "durability",
                          .name = name_,
                          .verdict = judgement.verdict,
                          .reason = std::move(judgement.reason),
                          .counts = {{"cuts", cuts_},
                                     {"while_writing", while_writing_},
                                     {"acknowledged", acknowledged_},
                                     {"lost", lost_},
                                     {"older", old_},
                                     {"closed_and_lost", closed_and_lost_}}};
  for (const std::string& example : examples_) result.add_example(example);
  return result;
}

namespace {

/// mkfs.xfs requires 300 MB; the image is sparse.
constexpr std::uint64_t kDiskBytes = std::uint64_t{320} << 20;
/// Part of the image that is written: two journals and the records.
constexpr std::uint64_t kWrittenBytes = std::uint64_t{160} << 20;
constexpr std::uint64_t kUsualCuts = 4;
constexpr std::uint64_t kCutWriters = 4;
/// Number of records: writing them takes longer than the timing error of the cut, and a sync after
/// each of them takes only seconds.
constexpr std::uint64_t kManyRecords = 65536;
constexpr std::uint64_t kFewRecords = 512;

constexpr const char* kFileSystems[] = {"ext4", "xfs"};

struct WriteWay {
  const char* strategy;
  const char* sync;
};

/// Rows without sync are the control: they must lose data.
constexpr WriteWay kWriteWays[] = {
    {"mmap", "none"},  {"mmap", "end"},      {"mmap", "record"},     {"pwrite", "none"},
    {"pwrite", "end"}, {"pwrite", "record"}, {"pwrite", "every:16"}, {"pwrite-dsync", "end"}};

std::uint64_t records_of(const WriteWay& way) {
  const bool each = std::string_view(way.strategy) == "pwrite-dsync" ||
                    parse_sync_policy(way.sync).interval_records() > 0;
  return each ? kFewRecords : kManyRecords;
}

/// Returns an error message; empty: success.
std::string make_file_system(const std::string& fs_type, const std::string& device) {
  const std::string program = "mkfs." + fs_type;
  const auto child = spawn({.arguments = {program, "-q", device}, .output = kNull});
  if (!child) return fmt::format("{} cannot be started: is it installed?", program);
  const int code = shell_exit_code(wait_for_exit(*child));
  return code == 0 ? "" : fmt::format("{}: exit code {}", program, code);
}

/// All rows of kVariants on one file system.
class Cuts {
 public:
  Cuts(const RunPlan& plan, const RaceContext& context, const std::string& fs_type)
      : plan_(plan), context_(context), fs_type_(fs_type) {
    for (const WriteWay& way : kWriteWays)
      tallies_.emplace_back(fmt::format("{}/{}/{}", fs_type, way.strategy, way.sync),
                            parse_sync_policy(way.sync).at_end());
  }

  void run(Progress& progress) {
    const LoopDisk disk(plan_.dirs().front(), kDiskBytes);
    const std::string problem = make_file_system(fs_type_, disk.device());
    for (std::size_t i = 0; i < tallies_.size(); ++i) {
      if (!problem.empty()) tallies_[i].give_up(problem, true);
      progress.step(fmt::format("durability: {} {} {}", fs_type_, kWriteWays[i].strategy,
                                kWriteWays[i].sync));
      if (problem.empty()) cut(disk.device(), kWriteWays[i], tallies_[i]);
    }
  }

  void into(RunResult& result) const {
    const bool bites = std::ranges::any_of(
        tallies_, [](const CutTally& tally) { return tally.closed_and_lost() > 0; });
    for (const CutTally& tally : tallies_) result.experiments.push_back(tally.result(bites));
  }

 private:
  /// An error ends only this row of the experiment.
  void cut(const std::string& device, const WriteWay& way, CutTally& tally) {
    const std::uint64_t cuts = plan_.repetitions.value_or(kUsualCuts);
    try {
      for (std::uint64_t i = 0; i < cuts; ++i) tally.add(cut_power(request(device, way, i)));
    } catch (const RaceError& error) {
      tally.give_up(error.what(), error.refused());
    } catch (const SystemError& error) {
      tally.give_up(error.what(), error.error_number() == ENODEV);
    }
  }

  /// Every second cut is in a synchronized generation, so that power also fails when all writers
  /// have written.
  CutRequest request(const std::string& device, const WriteWay& way, std::uint64_t number) {
    const std::uint64_t seed = derive_seed(plan_.seed, ++requests_ * 2 + (fs_type_ == "xfs"));
    CutRequest request{.fs_type = fs_type_,
                       .device = device,
                       .array = {.records = records_of(way), .writers = kCutWriters},
                       .strategy = way.strategy,
                       .sync = way.sync,
                       .stamp_seed = stamp_seed_of(seed, new_array_id()),
                       .generation = number % 2 == 0 ? 3u : 2u,
                       .moment = static_cast<double>(seed % 1000) / 1000,
                       .patience = plan_.patience,
                       .open_file = context_.site.open_file};
    request.array.ownership = find_ownership("cyclic");
    return request;
  }

  const RunPlan& plan_;
  const RaceContext& context_;
  std::string fs_type_;
  std::vector<CutTally> tallies_;
  std::uint64_t requests_ = 0;
};

void require_space(const RunPlan& plan) {
  const Mount& mount = plan.mounts.front();
  if (mount.free_bytes >= kWrittenBytes) return;
  throw FormatError(fmt::format("{}: {} bytes are needed for scenario durability and {} are free",
                                mount.description.dir, kWrittenBytes, mount.free_bytes));
}

}  // namespace

void durability(const RunPlan& plan, const RaceContext& context, RunResult& result) {
  require_space(plan);
  Progress progress(std::size(kFileSystems) * std::size(kWriteWays), plan.verbosity);
  for (const char* fs_type : kFileSystems) {
    Cuts cuts(plan, context, fs_type);
    cuts.run(progress);
    cuts.into(result);
  }
}

void check_durability(const RunOptions& options, const RunPlan&) {
  if (!options.lab.empty())
    throw UsageError("scenario durability mounts file systems of its own; drop --lab");
  if (::geteuid() != 0)
    throw FormatError(
        "scenario durability makes loop devices and mounts file systems, which only root may");
}

}  // namespace npyrace
