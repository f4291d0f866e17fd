#include "core/result/comparison.h"

#include <algorithm>

namespace npyrace {

bool CellSide::measured() const {
  if (has_times) return true;
  return verdict && *verdict != Verdict::failed && *verdict != Verdict::skipped;
}

const char* gate_outcome_name(GateOutcome outcome) {
  switch (outcome) {
    case GateOutcome::passed:
      return "passed";
    case GateOutcome::lost_safety:
      return "lost safety";
    case GateOutcome::missing:
      return "missing";
    case GateOutcome::did_not_run:
      return "did not run";
    case GateOutcome::slower:
      return "slower";
    case GateOutcome::drifted:
      return "drifted";
    case GateOutcome::not_proven:
      return "not proven";
    case GateOutcome::not_measurable:
      return "not measurable";
    case GateOutcome::not_compared:
      return "not compared";
  }
  return "not measurable";
}

bool is_undecided(GateOutcome outcome) {
  return outcome == GateOutcome::not_measurable || outcome == GateOutcome::not_compared;
}

bool fails(GateOutcome outcome) {
  return outcome != GateOutcome::passed && !is_undecided(outcome);
}

bool GateResult::failed() const {
  return std::ranges::any_of(cells, [](const GateCell& cell) { return fails(cell.outcome); });
}

bool GateResult::compared_nothing() const {
  return std::ranges::all_of(cells,
                             [](const GateCell& cell) { return is_undecided(cell.outcome); });
}

}  // namespace npyrace
