#include "bench/durability/cut_tally.h"

#include <fmt/format.h>

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

// Damage that was seen counts, whatever came then.
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

}  // namespace npyrace
