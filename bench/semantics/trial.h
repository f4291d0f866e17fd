#pragma once
// One try of one experiment: a file for every act, one without any, and the looks at them.

#include <memory>
#include <vector>

#include "bench/semantics/naming.h"
#include "bench/semantics/scene.h"

namespace npyrace {

class Trial {
 public:
  /// Makes the files. `request.number` leaves room for kMostScenes numbers. Throws as Scene does.
  explicit Trial(SceneRequest request);

  static constexpr std::uint64_t kMostScenes = 8;

  /// Whether both nodes know the files; the last that was made speaks for all.
  bool settled();

  /// Everything that happens at once. Throws as Scene's steps do.
  void play();

  /// A read of a slow system or a busy machine tells nothing about a write's own promise.
  bool too_slow_to_tell() const;

  /// Looks once more at the file that was closed. False: it is seen, or has been long enough looked
  /// for, and need not be looked at again.
  bool watch();

  /// Everybody closes, opens anew and looks a last time, at every file but the one without an act.
  void finish();

  const Try& result() const { return try_; }

 private:
  void seen_after(double seconds);

  Experiment experiment_;
  std::unique_ptr<Scene> waited_;
  std::vector<std::unique_ptr<Scene>> scenes_;  ///< in the order of acts
  Try try_;
};

}  // namespace npyrace
