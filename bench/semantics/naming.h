#pragma once
// From what readers saw to the promise that was kept. Pure: its tests are the definition of the
// names, docs/semantics.md explains them.

#include <optional>
#include <string>
#include <vector>

#include "bench/semantics/experiment.h"
#include "core/passport.h"

namespace npyrace {

/// One look at all records that others wrote.
struct Look {
  bool is_new = false;  ///< every one of them was there
  double seconds = 0;   ///< from the act's return to the reader's answer
  std::string found;    ///< what was there instead; empty when new
};

struct Looks {
  Look held;                   ///< through what the reader held since before the write
  std::optional<Look> opened;  ///< then by opening anew, where the reader does
};

/// One try of an experiment that came to its end.
struct Try {
  std::string between;      ///< "/a writes, /b looks"
  std::vector<Looks> acts;  ///< in the order of the acts of `via`, each on a file of its own
  Looks waited;             ///< of a file that was written before all others and looked at after
                            ///< them, with no act at all: what time alone brought about
  std::optional<double> later_seconds;  ///< after the close, when it was first seen; nothing: never
  double watched_seconds = 0;           ///< how long it was looked for
  /// Files that did not hold the write when everything was closed, over, and opened anew, in words:
  /// "after fsync: still old". Whatever was seen of it before was a cache's kindness.
  std::vector<std::string> lost;
};

/// A look that answers later than this says nothing about what was visible "when the write
/// returned".
inline constexpr double kAtOnceSeconds = 0.5;

/// REQUIRES: every try has looks for every act of the experiment. No tries name nothing.
PassportRow name_row(const Experiment& experiment, const std::vector<Try>& tries);

/// The weakest promise of a fresh reader on own pages, of what could be tried at all.
Promise name_of(const std::vector<PassportRow>& rows);

}  // namespace npyrace
