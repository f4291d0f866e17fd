#pragma once
// One rank's writer during a race; used on rank 0 and on all other ranks.

#include <memory>
#include <string>

#include "bench/remote/rank_words.h"
#include "bench/strategies/race_order.h"
#include "bench/strategies/rank_group.h"
#include "bench/strategies/writer.h"

namespace npyrace {

class RankWriter {
 public:
  /// Waits until the file is visible here. `group` must outlive this object. Throws SystemError,
  /// and FormatError when the file does not become visible.
  RankWriter(const RaceOrder& order, RankGroup& group, const FileOpener& open_file);

  /// Runs the next generation in step with all ranks of the group. A rank that fails still takes
  /// part in all barriers, so that the others do not hang. Throws only what `RankGroup::meet`
  /// throws.
  RankReport race(unsigned generation);

 private:
  void write(unsigned generation);
  void meet_start();
  void meet_written(unsigned generation);
  void meet_collected();
  bool meet(bool well, Wait wait, Needs needs = Needs::survivors);
  unsigned meetings_of(unsigned generation) const;

  RankGroup& group_;
  ArrayMap map_;
  bool meets_to_collect_ = false;  ///< two more barriers, for strategies with one writer for all
  std::unique_ptr<Writer> writer_;
  RankReport report_;
  unsigned met_ = 0;  ///< barriers passed in this generation
};

}  // namespace npyrace
