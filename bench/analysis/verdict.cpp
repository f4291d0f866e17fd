#include "bench/analysis/verdict.h"

#include <fmt/format.h>

namespace npyrace {
namespace {

/// Below this overlap neither a loss nor its absence is evidence.
constexpr double kLeastOverlappedShare = 0.1;

/// If units are transferred as a whole, a unit that two nodes write at once loses a record in at
/// least every other trial. With fewer than five trials even that would be missed with more than 3
/// % (0.5^5). Observed on NFS with noac: 3 trials without a loss, and half of the records lost the
/// next time.
constexpr std::uint64_t kLeastTrials = 5;

std::string list_anomalies(const AnomalyCounts& counts) {
  std::string text;
  for (const AnomalyRow& row : anomaly_table())
    if (counts[row.anomaly] > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", counts[row.anomaly], row.name);
  return text;
}

std::string too_few(const VerdictInput& input, const char* what) {
  return fmt::format("{} only {} times: {}", what, input.evidence.trials, input.more_trials);
}

/// The reason if a single writer writes the file, so that no other can overwrite its records.
std::string untested_by_one_writer(const VerdictInput& input) {
  return input.evidence.trials > 0
             ? ""
             : fmt::format("no alignment unit held records of two writers: {}", input.more_sharing);
}

std::string untested_in_shared_units(const VerdictInput& input) {
  const Evidence& evidence = input.evidence;
  if (input.caches > 1 && evidence.units_shared_by_mounts == 0)
    return fmt::format("no alignment unit was shared by two mounts: {}", input.more_sharing);
  if (evidence.units_shared_by_writers == 0)
    return fmt::format("no alignment unit was shared by two writers: {}", input.more_sharing);
  return evidence.trials < kLeastTrials
             ? too_few(input, "two writers wrote into one unit at the same time")
             : "";
}

/// Why correct data are no evidence about a race; empty: they are.
std::string what_was_not_tested(const VerdictInput& input) {
  const Evidence& evidence = input.evidence;
  if (!input.no_proof.empty()) return input.no_proof;
  if (input.owners < 2)
    return "only one writer owns records, so there is no race: use --writers 2 or more, and a record for each";
  if (!input.contended) return untested_by_one_writer(input);
  if (input.mounts > 1 && input.caches < 2)
    return "all --dir share one page cache, so nothing was tested between nodes";
  if (evidence.overlapped_share < kLeastOverlappedShare)
    return fmt::format("writers overlapped in time in only {:.0f} % of the generations: {}",
                       100 * evidence.overlapped_share, input.more_overlap);
  if (!input.tells_who_writes)
    return "nothing was lost, but MPI chose which ranks wrote what, so it is unknown which of them wrote into one unit";
  if (input.foreign_program && evidence.file_trials < kLeastTrials)
    return fmt::format(
        "writers overlapped in only {} generations, each one chance to see what a program does to the "
        "whole file (such as emptying it): use more --generations or --repetitions",
        evidence.file_trials);
  if (!input.padded) return untested_in_shared_units(input);
  return evidence.trials < kLeastTrials
             ? too_few(input, "two writers wrote into neighbouring units at the same time")
             : "";
}

std::string reach(const VerdictInput& input) {
  if (!input.contended) return "safe: one writer writes the file, so no other can overwrite it";
  if (input.caches > 1) return fmt::format("safe between {} mounts", input.caches);
  return "safe on one node; nothing was shared between mounts";
}

}  // namespace

Judgement judge(const VerdictInput& input) {
  if (input.anomalies.damaging() > 0)
    return {Verdict::unsafe,
            list_anomalies(input.anomalies) +
                (input.evidence.file_damage.empty() ? "" : ": " + input.evidence.file_damage)};
  if (!input.evidence.file_damage.empty()) return {Verdict::unsafe, input.evidence.file_damage};
  const std::uint64_t stale = input.anomalies[Anomaly::stale];
  if (input.uncached_differences > 0)
    return {Verdict::unsafe,
            fmt::format("{} records differ between mounts even past their page caches: it is "
                        "unknown which one is right; name one with --judge DIR",
                        input.uncached_differences)};
  if (stale > 0 && !input.uncached_judge)
    return {Verdict::unsafe, fmt::format("{} records differ between views, and no uncached view "
                                         "can tell which is true",
                                         stale)};
  if (input.unwritten > 0)
    return {Verdict::inconclusive, fmt::format("{} records were never written", input.unwritten)};
  if (std::string missing = what_was_not_tested(input); !missing.empty())
    return {Verdict::inconclusive, std::move(missing)};
  std::string reason = reach(input);
  if (input.caches > 1 && !input.uncached_judge)
    reason += "; read back through a page cache: " + input.judge_doubt;
  if (stale > 0) reason += fmt::format("; {} records seen old in a cached view", stale);
  return {Verdict::safe, std::move(reason)};
}

}  // namespace npyrace
