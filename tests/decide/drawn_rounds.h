#pragma once
// Rounds as they might have been, drawn from those that were recorded.

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "bench/decide/compare.h"
#include "tests/decide/rounds.h"

namespace npyrace {

/// What a run is taken for.
struct Statistic {
  const char* name;
  std::function<double(const RecordedCell&)> of;
};

/// Draws rounds as from a deck, which is shuffled again when it is empty, each side first in one of
/// every two. All cells or only one; those of new so much slower than they were.
class DrawnRounds {
 public:
  /// Keeps references. `only_cell` empty: all.
  DrawnRounds(const RecordedSeries& recorded, const Statistic& statistic,
              const std::string& only_cell, double slowdown);

  /// Adds rounds until there are so many.
  void grow(Sides& sides, std::size_t rounds, std::mt19937_64& random);
  Sides draw(std::size_t rounds, std::mt19937_64& random);

 private:
  const RecordedRound& card(std::size_t drawn, std::mt19937_64& random);
  Measurements run(const RecordedRound& round, std::size_t turn, double factor) const;

  const RecordedSeries& recorded_;
  const Statistic& statistic_;
  std::vector<std::string> cells_;
  double slowdown_;
  std::vector<std::size_t> deck_;
};

/// Root mean square of the logarithm of new over base within rounds.
double scatter(const RecordedSeries& series, const Statistic& statistic, const std::string& cell);

/// Its geometric mean over all cells.
double scatter(const RecordedSeries& series, const Statistic& statistic);

}  // namespace npyrace
