#include "tests/decide/drawn_rounds.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "bench/decide/looks.h"

namespace npyrace {

DrawnRounds::DrawnRounds(const RecordedSeries& recorded, const Statistic& statistic,
                         const std::string& only_cell, double slowdown)
    : recorded_(recorded), statistic_(statistic), cells_(recorded.cells), slowdown_(slowdown) {
  if (!only_cell.empty()) cells_ = {only_cell};
}

void DrawnRounds::grow(Sides& sides, std::size_t rounds, std::mt19937_64& random) {
  sides.paired = true;
  const std::vector<bool> order = base_first(rounds, random);
  for (std::size_t i = sides.base.size(); i < rounds; ++i) {
    const RecordedRound& round = card(i, random);
    sides.base.push_back(run(round, order[i] ? 0 : 1, 1));
    sides.fresh.push_back(run(round, order[i] ? 1 : 0, 1 + slowdown_));
  }
}

Sides DrawnRounds::draw(std::size_t rounds, std::mt19937_64& random) {
  Sides sides;
  grow(sides, rounds, random);
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

Measurements DrawnRounds::run(const RecordedRound& round, std::size_t turn, double factor) const {
  Measurements one;
  for (const std::string& name : cells_) {
    const double seconds = factor * statistic_.of(round.at(name)[turn]);
    one.cells.push_back({.name = name, .verdict = Verdict::safe, .seconds = {seconds}});
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
