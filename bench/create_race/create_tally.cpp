#include "bench/create_race/create_tally.h"

#include <fmt/format.h>

namespace npyrace {

void CreateTally::add(const CreateOutcome& outcome) {
  if (!outcome.problem.empty()) {
    problem_ = outcome.problem;
    refused_ = outcome.refused;
    return;
  }
  ++tries_;
  acknowledged_ += outcome.acknowledged;
  lost_ += outcome.lost;
  gave_up_ += outcome.errors.size();
  tries_with_loss_ += outcome.lost > 0;
  if (outcome.lost > 0)
    losses_.push_back(fmt::format("{}: {} of {} acknowledged records are gone", outcome.order,
                                  outcome.lost, outcome.acknowledged));
  for (const std::string& error : outcome.errors) errors_.push_back(outcome.order + ": " + error);
}

// What was lost is the news, whatever came then.
ExperimentResult CreateTally::result() const {
  ExperimentResult result{.scenario = "create-race",
                          .name = name_,
                          .counts = {{"tries", tries_},
                                     {"tries_with_loss", tries_with_loss_},
                                     {"acknowledged", acknowledged_},
                                     {"lost", lost_},
                                     {"gave_up", gave_up_}}};
  for (const std::string& loss : losses_) result.add_example(loss);
  for (const std::string& error : errors_) result.add_example(error);
  if (lost_ > 0) {
    result.verdict = Verdict::unsafe;
    result.reason = fmt::format(
        "{} records that writers had acknowledged were gone, in {} of {} "
        "tries",
        lost_, tries_with_loss_, tries_);
  } else if (!problem_.empty() || tries_ == 0) {
    result.verdict = refused_ ? Verdict::skipped : Verdict::failed;
    result.reason = problem_.empty() ? "nothing was tried" : problem_;
  } else if (gave_up_ > 0) {
    result.verdict = Verdict::inconclusive;
    result.reason = fmt::format(
        "nothing acknowledged was lost, but {} writers could not write and were told so", gave_up_);
  } else {
    result.verdict = Verdict::safe;
    result.reason = fmt::format("nothing acknowledged was lost in {} tries {}", tries_, between_);
  }
  return result;
}

}  // namespace npyrace
