#pragma once
// Two measurements of the same cells set side by side, as plain values: bench/decide fills them in,
// reports format them.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace npyrace {

/// One cell on one side, over all runs of that side.
struct CellSide {
  std::uint64_t runs = 0;
  std::uint64_t repetitions = 0;  ///< of all runs together
  double seconds = 0;  ///< a record (Google Benchmark: an iteration); median of runs' medians
  std::optional<Verdict>
      verdict;         ///< the worst of all runs; nothing where speed alone was measured
  std::string reason;  ///< of that verdict
};

/// How far a cell's time moved. Ratios are new time over base time: 1.1 is 10 % slower.
struct Change {
  double ratio = 1;
  Interval interval;  ///< of the ratio; 0 to infinity where the samples say nothing
  bool known = false;
};

struct CellComparison {
  std::string name;
  CellSide base, fresh;
  std::optional<Change> change;  ///< nothing where a side has no times

  bool verdict_changed() const { return base.verdict != fresh.verdict; }
};

struct Comparison {
  std::vector<CellComparison> cells;  ///< on both sides; changed verdicts first, then as in NEW
  std::vector<std::string> only_base, only_new;  ///< names of cells that only one side has
  double confidence = 0.95;                      ///< of every interval by itself
  std::string relative_to;  ///< times are divided by this one's of the same run; empty: seconds
  std::string method;       ///< where intervals come from, in a sentence
  std::vector<std::string> not_compared;  ///< what results have besides, in words
};

/// What a gate says of one cell.
enum class GateOutcome {
  passed,
  lost_safety,     ///< was safe, and is unsafe, failed, skipped or gone: fails
  slower,          ///< wholly beyond the threshold: fails
  drifted,         ///< over the history, beyond the threshold: fails
  not_proven,      ///< was safe, and is inconclusive: fails, for what nobody saw safe is not
  not_measurable,  ///< noise wider than the threshold: neither fails nor passes silently
};

const char* gate_outcome_name(GateOutcome outcome);
bool fails(GateOutcome outcome);

struct GateCell {
  std::string name;
  GateOutcome outcome = GateOutcome::passed;
  std::string reason;            ///< in a sentence, without the name
  std::optional<Change> change;  ///< at the gate's confidence
  /// Of not_measurable: about so many a side would do, where paired so many rounds; 0: no telling.
  std::uint64_t runs_needed = 0;
};

struct GateResult {
  std::vector<GateCell> cells;  ///< failures first, then what could not be told, then the rest
  double max_slowdown = 0.1;    ///< 0.1 is 10 %
  std::map<std::string, std::string> labels;  ///< of NEW
  std::string method;
  std::string history;  ///< what was found there, in a sentence; empty without --history
  std::string rerun;    ///< what was measured again, in a sentence; empty if nothing was
  std::vector<std::string> only_new;      ///< with their verdicts
  std::vector<std::string> not_compared;  ///< what results have besides, in words

  bool failed() const;
};

}  // namespace npyrace
