#pragma once
// Scenario `durability`: whether acknowledged records survive a power cut; with the tally of cuts
// and its verdict.

#include <string>
#include <vector>

#include "bench/experiments/power_cut.h"
#include "bench/plan/plan.h"
#include "bench/race/site.h"
#include "core/result/result.h"

namespace npyrace {

/// Power cuts with one file system, strategy and sync policy.
class CutTally {
 public:
  /// `promises`: the sync policy acknowledges data.
  CutTally(std::string name, bool promises) : name_(std::move(name)), promises_(promises) {}

  void add(const CutResult& cut);
  /// Ends the series with an error; `refused` if the system does not support it.
  void give_up(std::string problem, bool refused);

  /// See CutResult. Above 0 shows that the power cuts do lose data that were not synced.
  std::uint64_t closed_and_lost() const { return closed_and_lost_; }

  /// `bites`: power cuts on this file system were seen to lose unsynced data; without that,
  /// complete data prove nothing.
  ExperimentResult result(bool bites) const;

 private:
  struct Judgement {
    Verdict verdict;
    std::string reason;
  };
  Judgement judge(bool bites) const;

  std::string name_;
  bool promises_;
  std::uint64_t cuts_ = 0, while_writing_ = 0, acknowledged_ = 0, lost_ = 0, old_ = 0,
                closed_and_lost_ = 0;
  std::vector<std::string> examples_;
  std::string problem_;
  bool refused_ = false;
};

// The scenario.

/// On ext4 and XFS, each in a disk image in the first --dir with a private mount: runs writers with
/// several strategies and sync policies, cuts the power during the writes, and reads everything
/// back. Adds an experiment per combination. Throws Interrupted, SystemError.
void durability(const RunPlan& plan, const RaceContext& context, RunResult& result);

/// Throws FormatError if the user may not mount, UsageError in a lab.
void check_durability(const RunOptions& options, const RunPlan& plan);

}  // namespace npyrace
