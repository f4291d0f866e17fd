#pragma once
// Two measurements of the same cells set side by side, as plain values: bench/decide fills them in,
// reports format them.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// One cell on one side, over all runs of that side.
struct CellSide {
  std::uint64_t runs = 0;
  std::uint64_t repetitions = 0;  ///< of all runs together
  double seconds = 0;  ///< a record (Google Benchmark: an iteration); median of runs' medians
  std::optional<Verdict>
      verdict;         ///< the worst of all runs; nothing where speed alone was measured
  std::string reason;  ///< of that verdict
  std::string
      trouble;  ///< why a run has no times of it (Google Benchmark: error, skipped), or empty
  std::uint64_t runs_without = 0;  ///< runs of this side that do not have the cell
  bool has_times = false;

  /// There is something to lose: times, or a verdict of a race that took place.
  bool measured() const;
};

/// How far a cell's time moved. Ratios are new time over base time: 1.1 is 10 % slower.
struct Change {
  double ratio = 1;
  Interval interval;  ///< of the ratio; 0 to infinity where the samples say nothing
  bool known = false;
};

/// Generations that took more than twice the median of all that were compared with them.
struct SlowShare {
  double base = 0, fresh = 0;  ///< 0.1 is one in ten; means over runs
  bool grew = false;           ///< by more than chance does, and by more than one in twenty
};

struct CellComparison {
  std::string name;
  CellSide base, fresh;
  std::optional<Change> change;  ///< nothing where a side has no times
  std::optional<Change>
      typical;  ///< of the median generation; nothing where `change` is of medians
  std::optional<SlowShare> slow;  ///< nothing where `typical` is nothing

  bool verdict_changed() const { return base.verdict != fresh.verdict; }
};

struct Comparison {
  std::vector<CellComparison> cells;  ///< on both sides; changed verdicts first, then as in NEW
  std::vector<std::string> only_base, only_new;  ///< names of cells that only one side has
  double confidence = 0.95;                      ///< of every interval by itself
  std::string relative_to;  ///< times are divided by this one's of the same run; empty: seconds
  std::string method;       ///< where intervals come from, in a sentence
  std::vector<std::string> not_compared;  ///< what results have besides, in words
  std::string machine;  ///< that the machine itself changed, in a sentence; empty if it did not
};

/// What a gate says of one cell.
enum class GateOutcome {
  passed,
  lost_safety,     ///< was safe, and is unsafe, failed or skipped: fails
  missing,         ///< NEW does not have it: fails
  did_not_run,     ///< NEW has an error, or skipped it: fails
  slower,          ///< wholly beyond the threshold: fails
  drifted,         ///< over the history, beyond the threshold: fails
  not_proven,      ///< was safe, and is inconclusive: fails, for what nobody saw safe is not
  not_measurable,  ///< noise wider than the threshold: neither fails nor passes silently
  not_compared,    ///< BASE has nothing to compare with, or --allow-missing lets it be
};

const char* gate_outcome_name(GateOutcome outcome);
bool fails(GateOutcome outcome);
/// Neither passed nor failed.
bool is_untold(GateOutcome outcome);

struct GateCell {
  std::string name;
  GateOutcome outcome = GateOutcome::passed;
  std::string reason;             ///< in a sentence, without the name
  std::optional<Change> change;   ///< at the gate's confidence
  std::optional<Change> typical;  ///< of the median generation, likewise
  std::string note;               ///< said beside "passed", or empty
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
  std::string machine;                    ///< that the machine itself changed, or empty
  bool allow_unmeasured = false;          ///< to have told nothing is fine

  bool failed() const;
  /// No cell could be compared: it is not known that any passed.
  bool told_nothing() const;
};

}  // namespace npyrace
