#include "tests/decide/drawn_rounds.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "bench/compare/rerun.h"

namespace npyrace {

DrawnRounds::DrawnRounds(const RecordedSeries& recorded, const Statistic& statistic,
                         const std::string& only_cell, const Planted& planted)
    : recorded_(recorded), statistic_(statistic), cells_(recorded.cells), planted_(planted) {
  if (!only_cell.empty()) cells_ = {only_cell};
}

void DrawnRounds::grow(Sides& sides, std::size_t rounds, std::mt19937_64& random) {
  sides.paired = true;
  const std::vector<bool> order = base_first(rounds, random);
  for (std::size_t i = sides.base.size(); i < rounds; ++i) {
    const RecordedRound& round = card(i, random);
    sides.base.push_back(run(round, order[i] ? 0 : 1, {}));
    sides.candidate.push_back(run(round, order[i] ? 1 : 0, planted_));
  }
}

Sides DrawnRounds::draw(std::size_t rounds, std::mt19937_64& random) {
  Sides sides;
  grow(sides, rounds, random);
  return sides;
}

Sides DrawnRounds::recorded() const {
  Sides sides{.paired = true};
  for (std::size_t i = 0; i < recorded_.rounds.size(); ++i) {
    sides.base.push_back(run(recorded_.rounds[i], i % 2, {}));
    sides.candidate.push_back(run(recorded_.rounds[i], 1 - i % 2, planted_));
  }
  return sides;
}

const RecordedRound& DrawnRounds::card(std::size_t drawn, std::mt19937_64& random) {
  const std::size_t count = recorded_.rounds.size();
  if (drawn % count == 0) {
    deck_.resize(count);
    std::iota(deck_.begin(), deck_.end(), std::size_t{0});
    std::ranges::shuffle(deck_, random);
  }
  return recorded_.rounds[deck_[drawn % count]];
}

namespace {

/// Twenty-one generations whose 5, 10, 25 and 50 % quantiles are the recorded ones. The slower half
/// was not recorded.
std::vector<double> generations_of(const std::vector<double>& quantiles, const Planted& planted) {
  std::vector<double> all;
  for (std::size_t i = 0; i <= 20; ++i) {
    const double recorded = quantiles[i < 2 ? 0 : i < 5 ? 1 : i < 10 ? 2 : 3];
    all.push_back(recorded * (1 + planted.all) * (i < 2 ? 1 : 1 + planted.slower));
  }
  return all;
}

}  // namespace

Measurements DrawnRounds::run(const RecordedRound& round, std::size_t turn,
                              const Planted& planted) const {
  Measurements one;
  for (const std::string& name : cells_) {
    const RecordedCell& recorded = round.at(name)[turn];
    CellSamples cell{.name = name, .verdict = Verdict::safe};
    cell.seconds = {(1 + planted.all) * statistic_.of(recorded)};
    if (statistic_.quantiles)
      cell.generations = generations_of(statistic_.quantiles(recorded), planted);
    one.cells.push_back(std::move(cell));
  }
  return one;
}

double scatter(const RecordedSeries& series, const Statistic& statistic, const std::string& cell) {
  double squares = 0;
  for (const RecordedRound& round : series.rounds) {
    const auto& [first, second] = round.at(cell);
    squares += std::pow(std::log(statistic.of(second) / statistic.of(first)), 2);
  }
  return std::sqrt(squares / static_cast<double>(series.rounds.size()));
}

double scatter(const RecordedSeries& series, const Statistic& statistic) {
  double logarithms = 0;
  for (const std::string& cell : series.cells)
    logarithms += std::log(scatter(series, statistic, cell));
  return std::exp(logarithms / static_cast<double>(series.cells.size()));
}

}  // namespace npyrace
