#include "bench/race/cell_verdict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/analysis/statistics.h"

namespace npyrace {
namespace {

/// If one writer writes the file, every generation is a trial without any overlap.
std::uint64_t trials(const CellFiles& files, const RaceTally& tally) {
  const SharedUnits& at_risk = files.units().at_risk;
  if (!files.cell().contended()) return tally.generations * at_risk.by_writers;
  return tally.trials(at_risk.contended(files.cache_count()));
}

/// If several writers change a record, a lost update depends on timing only.
std::string no_proof(const std::optional<SerialTruth>& truth) {
  if (!truth || !truth->first_shared) return "";
  return fmt::format(
      "nothing was lost, but several writers change the same records (the first is record {}): whenever "
      "two meet there, one update is lost",
      *truth->first_shared);
}

Judgement judge_damage(const CellFiles& files, const RaceTally& tally, const Evidence& evidence) {
  const JudgeTrial& trial = files.context().judge;
  return judge({.anomalies = tally.findings.anomalies,
                .unwritten = tally.findings.unwritten,
                .owners = count_owners(files.map()),
                .caches = files.cache_count(),
                .mounts = files.cell().description.mounts,
                .contended = files.cell().contended(),
                .tells_who_writes = files.cell().tells_who_writes(),
                .foreign_program = files.runs_program(),
                .padded = files.cell().description.padded(),
                .uncached_judge = trial.uncached,
                .judge_doubt = trial.doubt,
                .uncached_differences = tally.findings.uncached_differences,
                .more_sharing = files.truth() ? "the program's writers keep to units of their own"
                                              : VerdictInput{}.more_sharing,
                .no_proof = no_proof(files.truth()),
                .evidence = evidence});
}

}  // namespace

Evidence evidence_of(const CellFiles& files, const RaceTally& tally) {
  Evidence evidence{
      .records_checked = tally.findings.records_checked,
      .units_shared_by_writers = files.units().shared.by_writers,
      .units_shared_by_mounts = files.units().shared.by_caches,
      .overlap_seconds = tally.overlap_seconds,
      .overlapped_share = tally.overlapped_share(),
      // With --expect serial all bytes are compared, so that no damage can go unnoticed.
      .chance_of_mistake = files.truth() ? 0 : chance_of_mistake(files.map().stamp_bits()),
      .trials = trials(files, tally),
      .file_trials = tally.generations_overlapped,
      .file_damage = tally.file_damage};
  evidence.chance_to_miss = chance_to_miss(evidence.trials);
  for (const View& view : files.views()) evidence.read_paths.push_back(view.label);
  if (files.judge()) {
    evidence.read_paths.push_back(files.judge()->label);
    evidence.judge = files.judge()->label;
    evidence.judge_uncached = files.context().judge.uncached;
  }
  return evidence;
}

Judgement judge_cell(const CellFiles& files, const RaceTally& tally, const Evidence& evidence,
                     const RaceEnd& end) {
  // Damage counts even if the race ended early.
  if (!tally.shows_damage() && !end.problem.empty())
    return {end.refused ? Verdict::skipped : Verdict::failed,
            end.problem + (tally.interference.empty() ? "" : "; " + tally.interference)};
  Judgement judgement = judge_damage(files, tally, evidence);
  if (files.truth() && !files.truth()->idle.empty())
    judgement.reason +=
        fmt::format("; alone, writer {} changes nothing", fmt::join(files.truth()->idle, " or "));
  if (!end.problem.empty())
    judgement.reason += "; then: " + end.problem;
  else if (!tally.failures.empty())
    judgement.reason = tally.failure_summary() + "; " + judgement.reason;
  if (!tally.interference.empty()) judgement.reason += "; " + tally.interference;
  if (!end.further_problem.empty())
    judgement.reason += "; further trials failed: " + end.further_problem;
  return judgement;
}

KeptRace kept_race(const CellFiles& files, const RaceTally& tally, const RaceTimes& times,
                   const std::string& problem) {
  const CellDescription& cell = files.cell().description;
  const Evidence seen = evidence_of(files, tally);
  Judgement judgement = judge_cell(files, tally, seen, {.problem = problem});
  return {.strategy = cell.strategy,
          .sync = cell.sync,
          .cache = cell.cache,
          .launcher = cell.launcher,
          .mounts = cell.mounts,
          .seconds = times.seconds,
          .phases = median_phases(times.phases),
          .overlap_seconds = seen.overlap_seconds,
          .overlapped_share = seen.overlapped_share,
          .units_shared_by_writers = seen.units_shared_by_writers,
          .units_shared_by_mounts = seen.units_shared_by_mounts,
          .trials = seen.trials,
          .file_trials = seen.file_trials,
          .verdict = judgement.verdict,
          .reason = std::move(judgement.reason)};
}

}  // namespace npyrace
