#include "bench/decide/looks.h"

#include <algorithm>

#include "bench/decide/gate.h"

namespace npyrace {
namespace {

/// Further rounds could not change it.
bool is_clear(const GateCell& cell, double max_slowdown) {
  if (fails(cell.outcome)) return true;
  return cell.outcome == GateOutcome::passed &&
         (!cell.change || cell.change->interval.high <= 1 + max_slowdown);
}

}  // namespace

std::vector<std::uint64_t> looks_at(std::uint64_t rounds) {
  constexpr std::uint64_t kFewest = 5;  // below it only machines without any noise tell anything
  constexpr std::size_t kMostLooks = 4;
  std::vector<std::uint64_t> looks{rounds};
  while (looks.size() < kMostLooks && looks.front() / 2 >= kFewest)
    looks.insert(looks.begin(), looks.front() / 2);
  return looks;
}

std::vector<bool> base_first(std::uint64_t rounds, std::mt19937_64& random) {
  std::bernoulli_distribution coin;
  std::vector<bool> order;
  while (order.size() < rounds) {
    const bool first = coin(random);
    order.push_back(first);
    if (order.size() < rounds) order.push_back(!first);
  }
  return order;
}

bool settled(const GateResult& first, const GateResult& again) {
  return std::ranges::all_of(first.cells, [&](const GateCell& cell) {
    if (cell.outcome == GateOutcome::passed || cell.outcome == GateOutcome::lost_safety)
      return true;
    const auto second = std::ranges::find(again.cells, cell.name, &GateCell::name);
    return second == again.cells.end() || is_clear(*second, again.max_slowdown);
  });
}

GateResult after_rerun(GateResult first, const GateResult& again) {
  for (GateCell& cell : first.cells) {
    const auto second = std::ranges::find(again.cells, cell.name, &GateCell::name);
    const bool stands = cell.outcome == GateOutcome::lost_safety;
    if (stands || second == again.cells.end()) continue;
    const bool asked = cell.outcome != GateOutcome::passed;
    if (asked || second->outcome == GateOutcome::lost_safety) cell = *second;
  }
  first.rerun = again.rerun;
  sort_by_outcome(first);
  return first;
}

}  // namespace npyrace
