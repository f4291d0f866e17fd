#include "bench/verdict.h"

#include <fmt/format.h>

namespace npyrace {
namespace {

/// With less overlap than this a lost record is luck, and so is its absence.
constexpr double kLeastOverlappedShare = 0.1;

/// A unit that two nodes write at once is lost by one of them in at least every other trial where
/// units travel whole: fewer trials would miss even that with more than 3 % (0.5^5). Seen: NFS with
/// noac, 3 trials, nothing lost, and half of the records the next time.
constexpr std::uint64_t kLeastTrials = 5;

std::string list_anomalies(const AnomalyCounts& counts) {
  std::string text;
  for (const AnomalyRow& row : anomaly_table())
    if (counts[row.anomaly] > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", counts[row.anomaly], row.name);
  return text;
}

/// Reasons why right data say nothing about a race. Empty: they do say something.
std::string what_was_not_tested(const VerdictInput& input) {
  const Evidence& evidence = input.evidence;
  if (!input.contended) return {};  // nothing that others could undo
  if (input.writers < 2) return "one writer races nobody: use --writers 2 or more";
  if (input.mounts > 1 && input.caches < 2)
    return "all --dir share one page cache, so nothing was tested between nodes";
  if (evidence.overlapped_share < kLeastOverlappedShare)
    return fmt::format(
        "writers overlapped in time in only {:.0f} % of the generations: use more "
        "--records, or a quieter machine",
        100 * evidence.overlapped_share);
  if (!input.tells_who_writes)
    return input.caches > 1
               ? "MPI chose which ranks wrote what, so nobody knows what mounts shared; nothing was lost"
               : "";
  if (input.padded) return {};
  if (input.caches > 1 && evidence.units_shared_by_mounts == 0)
    return "no alignment unit was shared by two mounts: use --ownership cyclic or more --records";
  if (evidence.units_shared_by_writers == 0)
    return "no alignment unit was shared by two writers: use --ownership cyclic or more --records";
  if (evidence.trials < kLeastTrials)
    return fmt::format(
        "writers who overlapped shared a unit only {} times: use more --records or --generations",
        evidence.trials);
  return {};
}

std::string reach(const VerdictInput& input) {
  if (!input.contended) return "safe as one writer writes the file: there is nobody to lose to";
  if (input.caches > 1) return fmt::format("safe between {} mounts", input.caches);
  return "safe on one node; nothing was shared between mounts";
}

}  // namespace

Judgement judge(const VerdictInput& input) {
  if (input.anomalies.damaging() > 0) return {Verdict::unsafe, list_anomalies(input.anomalies)};
  const std::uint64_t stale = input.anomalies[Anomaly::stale];
  if (input.uncached_differences > 0)
    return {Verdict::unsafe,
            fmt::format("{} records differ between mounts even past their page caches: nothing "
                        "tells which of them is the store; name one with --judge DIR",
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
    reason += "; judged through a page cache: " + input.judge_doubt;
  if (stale > 0) reason += fmt::format("; {} records seen old in a cached view", stale);
  return {Verdict::safe, std::move(reason)};
}

}  // namespace npyrace
