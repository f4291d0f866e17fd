#pragma once
// What power cuts of one kind came to, and the verdict. Pure.

#include <string>
#include <vector>

#include "bench/experiments/power_cut.h"
#include "bench/plan/plan.h"
#include "bench/race/cell_race.h"
#include "core/result/result.h"

namespace npyrace {

/// Cuts of one file system, strategy and sync policy.
class CutTally {
 public:
  /// `promises`: whether the sync policy promises anything.
  CutTally(std::string name, bool promises) : name_(std::move(name)), promises_(promises) {}

  void add(const CutResult& cut);
  /// Why there are no further cuts; `refused` where the system does not do such a thing.
  void give_up(std::string problem, bool refused);

  /// See CutResult: above 0 the cuts took away what no sync had brought to the disk.
  std::uint64_t closed_and_lost() const { return closed_and_lost_; }

  /// `bites`: cuts of the same file system were seen to take away what no sync had promised; else
  /// that everything is there proves nothing.
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

// Scenario `durability`: what is left of acknowledged records after a power cut.

/// On ext4 and XFS, each in a file in the first --dir that is mounted where nobody else sees it:
/// writers with several strategies and sync policies, power cut in the middle, everything read
/// back. Adds an experiment for each. Throws Interrupted, SystemError.
void durability(const RunPlan& plan, const RaceContext& context, RunResult& result);

/// Throws FormatError where the user may not mount, UsageError in a lab.
void check_durability(const RunPlan& plan);

}  // namespace npyrace
