#pragma once
// One rank's writer through the generations of one race: the same on rank 0 and on the others.

#include <memory>
#include <string>

#include "bench/remote/rank_words.h"
#include "bench/strategies/race_order.h"
#include "bench/strategies/rank_group.h"
#include "bench/strategies/writer.h"

namespace npyrace {

class RankWriter {
 public:
  /// Waits until the file shows here, too. `group` must outlive it. Throws SystemError and
  /// FormatError when it does not.
  RankWriter(const RaceOrder& order, RankGroup& group, const FileOpener& open_file);

  /// The next generation, in step with all other ranks of the group: whoever fails goes on meeting
  /// the others, so that nobody waits for it. Throws only what `RankGroup::meet` throws.
  RankReport race(unsigned generation);

 private:
  void write(unsigned generation);
  void meet_start();
  void meet_written(unsigned generation);
  void meet_collected();
  bool meet(bool well, Wait wait, Needs needs = Needs::whoever_is_left);
  unsigned meetings_of(unsigned generation) const;

  RaceOrder order_;
  RankGroup& group_;
  ArrayMap map_;
  const Strategy& strategy_;
  std::unique_ptr<Writer> writer_;
  RankReport report_;
  unsigned met_ = 0;  ///< so often in this generation
};

}  // namespace npyrace
