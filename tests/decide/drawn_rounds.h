#pragma once
// Rounds as they might have been, drawn from those that were recorded.

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "bench/compare/compare.h"
#include "tests/decide/rounds.h"

namespace npyrace {

/// What a run is taken for.
struct Statistic {
  const char* name;
  std::function<double(const RecordedCell&)> of;
  /// Where the gate takes it from generations: what 5, 10, 25 and 50 % of them stayed below.
  std::function<const std::vector<double>&(const RecordedCell&)> quantiles = nullptr;
};

/// A slowdown of those of NEW's generations that are not among the quickest twentieth.
struct Planted {
  double all = 0;     ///< 0.1: all take 10 % longer
  double slower = 0;  ///< the same, but for the quickest twentieth
};

/// Draws rounds as from a deck, which is shuffled again when it is empty, each side first in one of
/// every two. All cells or only one; those of new so much slower than they were.
class DrawnRounds {
 public:
  /// Keeps references. `only_cell` empty: all.
  DrawnRounds(const RecordedSeries& recorded, const Statistic& statistic,
              const std::string& only_cell, const Planted& planted);

  /// Adds rounds until there are so many.
  void grow(Sides& sides, std::size_t rounds, std::mt19937_64& random);
  Sides draw(std::size_t rounds, std::mt19937_64& random);
  /// All that were recorded, as they were, each side first in every second one.
  Sides recorded() const;

 private:
  const RecordedRound& card(std::size_t drawn, std::mt19937_64& random);
  Measurements run(const RecordedRound& round, std::size_t turn, const Planted& planted) const;

  const RecordedSeries& recorded_;
  const Statistic& statistic_;
  std::vector<std::string> cells_;
  Planted planted_;
  std::vector<std::size_t> deck_;
};

/// Root mean square of the logarithm of new over base within rounds.
double scatter(const RecordedSeries& series, const Statistic& statistic, const std::string& cell);

/// Its geometric mean over all cells.
double scatter(const RecordedSeries& series, const Statistic& statistic);

}  // namespace npyrace
