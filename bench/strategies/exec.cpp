#include "bench/strategies/exec.h"

namespace npyrace {

std::unique_ptr<OpenShare> ExecStrategy::open(const Share&, PhaseSeconds&) const {
  throw UsageError("strategy exec is a program of yours: give it with --exec 'COMMAND'");
}

}  // namespace npyrace
