#pragma once
// Plain values of a comparison of two measurements, and of a gate: computed by bench/compare,
// formatted by reports.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// One cell on one side, over all its runs.
struct CellSide {
  std::uint64_t runs = 0;
  std::uint64_t repetitions = 0;  ///< total over all runs
  /// Per record (Google Benchmark: per iteration); median of the runs' medians.
  double seconds = 0;
  std::optional<Verdict> verdict;  ///< worst of all runs; nothing if only speed was measured
  std::string reason;              ///< reason of that verdict
  std::string
      trouble;  ///< why a run has no times of the cell (Google Benchmark: error, skipped), or empty
  std::uint64_t runs_without = 0;  ///< number of runs that lack the cell
  bool has_times = false;

  /// True if there is something to compare: times, or a verdict of a completed race.
  bool measured() const;
};

/// Change of a cell's time: new time divided by base time; 1.1 is 10 % slower.
struct Change {
  double ratio = 1;
  Interval interval;  ///< of the ratio; 0 to infinity if there are too few samples
  bool known = false;
};

/// Share of generations that took more than twice the median of the compared ones.
struct SlowShare {
  double base = 0, candidate = 0;  ///< mean over runs; 0.1 is one in ten
  bool grew = false;               ///< significantly, and by more than 0.05
};

struct CellComparison {
  std::string name;
  CellSide base, candidate;
  std::optional<Change> change;  ///< nothing if a side has no times
  std::optional<Change>
      typical;  ///< of the median generation; nothing if `change` is based on medians
  std::optional<SlowShare> slow;  ///< nothing if `typical` is nothing

  bool verdict_changed() const { return base.verdict != candidate.verdict; }
};

struct Comparison {
  /// Present on both sides; changed verdicts first, then in the order of NEW.
  std::vector<CellComparison> cells;
  std::vector<std::string> only_base, only_new;  ///< names of cells present on one side only
  double confidence = 0.95;                      ///< per interval
  std::string relative_to;                       ///< divisor of all times; empty: seconds
  std::string method;                            ///< how intervals are computed, in a sentence
  /// Parts of the results that are not compared, for people.
  std::vector<std::string> not_compared;
  std::string machine;  ///< describes a change of the machine's speed; empty if there is none
};

/// Decision of a gate on one cell.
enum class GateOutcome {
  passed,
  lost_safety,     ///< was safe, is unsafe, failed or skipped: fails
  missing,         ///< NEW lacks the cell: fails
  did_not_run,     ///< NEW has an error or skipped it: fails
  slower,          ///< interval entirely beyond the limit: fails
  drifted,         ///< slow drift over the history beyond the limit: fails
  not_proven,      ///< was safe, is inconclusive: fails, because its safety is no longer shown
  not_measurable,  ///< noise wider than the limit: undecided, reported separately
  not_compared,    ///< BASE has nothing to compare with, or --allow-missing permits its absence
};

const char* gate_outcome_name(GateOutcome outcome);
bool fails(GateOutcome outcome);
/// True if neither passed nor failed.
bool is_undecided(GateOutcome outcome);

struct GateCell {
  std::string name;
  GateOutcome outcome = GateOutcome::passed;
  std::string reason;             ///< one sentence without the cell's name
  std::optional<Change> change;   ///< at the gate's confidence
  std::optional<Change> typical;  ///< of the median generation, at the same confidence
  std::string note;               ///< remark for a passed cell, or empty
  /// For not_measurable: estimated runs per side, or rounds if paired, that would suffice; 0: no
  /// estimate.
  std::uint64_t runs_needed = 0;
};

struct GateResult {
  std::vector<GateCell> cells;  ///< failures first, then undecided cells, then the rest
  double max_slowdown = 0.1;    ///< 0.1 is 10 %
  std::map<std::string, std::string> labels;  ///< labels of NEW
  std::string method;
  std::string history;  ///< result of the history check in a sentence; empty without --history
  std::string rerun;    ///< description of the rerun in a sentence; empty without one
  std::vector<std::string> only_new;  ///< cells that only NEW has, with their verdicts
  /// Parts of the results that are not compared, for people.
  std::vector<std::string> not_compared;
  std::string machine;            ///< describes a change of the machine's speed, or empty
  bool allow_unmeasured = false;  ///< comparing no cell at all is accepted

  bool failed() const;
  /// True if no cell could be compared, so that none is known to have passed.
  bool compared_nothing() const;
};

}  // namespace npyrace
