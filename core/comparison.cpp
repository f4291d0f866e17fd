#include "core/comparison.h"

#include <algorithm>

namespace npyrace {

const char* gate_outcome_name(GateOutcome outcome) {
  switch (outcome) {
    case GateOutcome::passed:
      return "passed";
    case GateOutcome::lost_safety:
      return "lost safety";
    case GateOutcome::slower:
      return "slower";
    case GateOutcome::drifted:
      return "drifted";
    case GateOutcome::not_proven:
      return "not proven";
    case GateOutcome::not_measurable:
      return "not measurable";
  }
  return "not measurable";
}

bool fails(GateOutcome outcome) {
  return outcome != GateOutcome::passed && outcome != GateOutcome::not_measurable;
}

bool GateResult::failed() const {
  return std::ranges::any_of(cells, [](const GateCell& cell) { return fails(cell.outcome); });
}

}  // namespace npyrace
