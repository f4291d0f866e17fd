#pragma once
// Simulated rounds, drawn at random from recorded ones.

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "bench/compare/compare.h"
#include "tests/decide/rounds.h"

namespace npyrace {

/// The number to which a run is reduced.
struct Statistic {
  const char* name;
  std::function<double(const RecordedCell&)> of;
  /// If the gate computes it from generations: their 5, 10, 25 and 50 % quantiles.
  std::function<const std::vector<double>&(const RecordedCell&)> quantiles = nullptr;
};

/// A planted slowdown of NEW's generations.
struct Planted {
  double all = 0;     ///< 0.1: all take 10 % longer
  double slower = 0;  ///< the same for all but the fastest twentieth
};

/// Draws each recorded round once in random order, then all again. In every two rounds each side is
/// first once. Uses all cells or only one, with a slowdown planted in NEW.
class DrawnRounds {
 public:
  /// Keeps references. `only_cell` empty: all.
  DrawnRounds(const RecordedSeries& recorded, const Statistic& statistic,
              const std::string& only_cell, const Planted& planted);

  /// Adds rounds until there are this many.
  void grow(Sides& sides, std::size_t rounds, std::mt19937_64& random);
  Sides draw(std::size_t rounds, std::mt19937_64& random);
  /// All recorded rounds unchanged, each side first in every second one.
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
