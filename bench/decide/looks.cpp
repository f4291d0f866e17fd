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

/// Lost safety stays lost, and what did not run was not noise.
bool is_asked_again(const GateCell& cell) {
  return cell.outcome == GateOutcome::slower || cell.outcome == GateOutcome::drifted ||
         cell.outcome == GateOutcome::not_proven || cell.outcome == GateOutcome::not_measurable;
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
    if (!is_asked_again(cell)) return true;
    const auto second = std::ranges::find(again.cells, cell.name, &GateCell::name);
    return second == again.cells.end() || is_clear(*second, again.max_slowdown);
  });
}

GateResult after_rerun(GateResult first, const GateResult& again) {
  for (GateCell& cell : first.cells) {
    const auto second = std::ranges::find(again.cells, cell.name, &GateCell::name);
    if (second == again.cells.end()) continue;
    const bool is_worse = second->outcome == GateOutcome::lost_safety ||
                          second->outcome == GateOutcome::missing ||
                          second->outcome == GateOutcome::did_not_run;
    const bool open = cell.outcome == GateOutcome::passed && is_worse;
    if (is_asked_again(cell) || open) cell = *second;
  }
  first.rerun = again.rerun;
  sort_by_outcome(first);
  return first;
}

}  // namespace npyrace
