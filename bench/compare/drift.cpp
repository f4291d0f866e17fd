#include "bench/compare/drift.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <random>

#include "bench/analysis/statistics.h"
#include "bench/compare/gate.h"
#include "core/base/error.h"

namespace npyrace {
namespace {

using Points = std::vector<double>;

struct Split {
  std::size_t at = 0;     ///< first point of the right part
  double statistic = -1;  ///< energy distance of the parts, weighted by their sizes
};

/// The best change point. Sums of distances within both parts are updated point by point; the
/// distances between the parts follow from the total. Quadratic in the number of points.
Split best_split(const Points& points, std::size_t shortest) {
  const std::size_t n = points.size();
  const auto reach = [&](std::size_t point, std::size_t from, std::size_t to) {
    double sum = 0;
    for (std::size_t i = from; i < to; ++i) sum += std::abs(points[point] - points[i]);
    return sum;
  };
  std::vector<double> right(n + 1, 0.0);
  for (std::size_t i = n; i-- > 0;) right[i] = right[i + 1] + reach(i, i + 1, n);
  Split best;
  double left = 0;
  for (std::size_t at = 1; at < n; ++at) {
    left += reach(at - 1, 0, at - 1);
    if (at < shortest || n - at < shortest) continue;
    const double a = static_cast<double>(at);
    const double b = static_cast<double>(n - at);
    const double between = right[0] - left - right[at];
    const double distance =
        2 * between / (a * b) - 2 * left / (a * (a - 1)) - 2 * right[at] / (b * (b - 1));
    const double statistic = a * b / (a + b) * distance;
    if (statistic > best.statistic) best = {at, statistic};
  }
  return best;
}

/// Permutation test of a change point, stopped as soon as it cannot be significant any more.
bool significant(Points points, double statistic, const ChangePointLimits& limits,
                 std::mt19937_64& random) {
  constexpr double kMostPermutations = 9999;
  const double permutations = std::min(kMostPermutations, std::ceil(4 / limits.alpha));
  const double allowed = std::max(1.0, std::floor(limits.alpha * (permutations + 1)));
  double as_divided = 1;  // counts the observed order itself
  for (double i = 0; i < permutations; ++i) {
    std::ranges::shuffle(points, random);
    as_divided += best_split(points, limits.shortest_segment).statistic >= statistic;
    if (as_divided > allowed) return false;
  }
  return true;
}

void divide(const Points& points, std::size_t first, const ChangePointLimits& limits,
            std::mt19937_64& random, std::vector<std::size_t>& found) {
  if (points.size() < 2 * limits.shortest_segment) return;
  const Split split = best_split(points, limits.shortest_segment);
  if (split.statistic <= 0 || !significant(points, split.statistic, limits, random)) return;
  const auto middle = points.begin() + static_cast<std::ptrdiff_t>(split.at);
  divide({points.begin(), middle}, first, limits, random, found);
  found.push_back(first + split.at);
  divide({middle, points.end()}, first + split.at, limits, random, found);
}

}  // namespace

std::vector<std::size_t> change_points(const std::vector<double>& series,
                                       const ChangePointLimits& limits) {
  std::mt19937_64 random(limits.seed);
  std::vector<std::size_t> found;
  divide(series, 0, limits, random, found);
  return found;
}

namespace {

namespace fs = std::filesystem;

/// Limit of runs that are searched, because older runs are irrelevant and the search is quadratic.
constexpr std::size_t kMostRuns = 200;

/// One cell over time.
struct Series {
  std::vector<double> levels;     ///< logarithms of the runs' medians
  std::vector<std::size_t> runs;  ///< their indices in the history
};

Series series_of(const std::vector<Measurements>& history, const std::string& name) {
  Series series;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const CellSamples* cell = history[i].find(name);
    if (cell == nullptr || cell->seconds.empty()) continue;
    series.levels.push_back(std::log(median(cell->seconds)));
    series.runs.push_back(i);
  }
  return series;
}

struct Segment {
  std::size_t begin = 0, end = 0;
  double level = 0;
};

std::vector<Segment> segments_of(const Series& series, double alpha) {
  std::vector<std::size_t> ends = change_points(series.levels, {.alpha = alpha});
  ends.push_back(series.levels.size());
  std::vector<Segment> segments;
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    const auto first = series.levels.begin();
    segments.push_back({begin, end,
                        median({first + static_cast<std::ptrdiff_t>(begin),
                                first + static_cast<std::ptrdiff_t>(end)})});
    begin = end;
  }
  return segments;
}

bool same_file(const fs::path& a, const std::string& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

}  // namespace

std::vector<Measurements> read_history(const std::string& dir,
                                       const std::vector<std::string>& except) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(dir, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path& path = entry->path();
    const bool excepted = std::ranges::any_of(
        except, [&](const std::string& other) { return same_file(path, other); });
    if (path.extension() == ".json" && !excepted) files.push_back(path);
  }
  if (error) throw SystemError({dir, "opendir"}, error.value());
  std::ranges::sort(files);
  std::vector<Measurements> history;
  for (const fs::path& file : files) history.push_back(read_measurements(file.string()));
  std::ranges::stable_sort(history, {}, &Measurements::date);
  return history;
}

std::string run_name(const Measurements& run) {
  for (const char* key : {"commit", "revision", "sha"})
    if (const auto label = run.labels.find(key); label != run.labels.end())
      return fmt::format("{} {}", key, label->second);
  if (!run.labels.empty())
    return fmt::format("{} {}", run.labels.begin()->first, run.labels.begin()->second);
  return fmt::format("{}{}{}", run.date, run.date.empty() ? "" : " ", run.path);
}

void judge_history(const std::vector<Measurements>& all, GateResult& result) {
  const std::size_t skip = all.size() > kMostRuns ? all.size() - kMostRuns : 0;
  const std::vector<Measurements> history(all.begin() + static_cast<std::ptrdiff_t>(skip),
                                          all.end());
  const double alpha =
      kFalseAlarms / static_cast<double>(std::max<std::size_t>(1, result.cells.size()));
  std::size_t changed = 0;
  for (GateCell& cell : result.cells) {
    const Series series = series_of(history, cell.name);
    const std::vector<Segment> segments = segments_of(series, alpha);
    changed += segments.size() > 1;
    const Segment& last = segments.back();
    const Segment& fastest = *std::ranges::min_element(segments, {}, &Segment::level);
    const double ratio = std::exp(last.level - fastest.level);
    if (fails(cell.outcome) || ratio <= 1 + result.max_slowdown) continue;
    cell.outcome = GateOutcome::drifted;
    const auto name = [&](std::size_t at) { return run_name(history[series.runs[at]]); };
    cell.reason = fmt::format("a record takes {:+.1f} % time in {} .. {}, against {} .. {}",
                              100 * (ratio - 1), name(last.begin), name(last.end - 1),
                              name(fastest.begin), name(fastest.end - 1));
  }
  result.history = fmt::format("history: {} runs, {} of {} cells changed their level",
                               history.size(), changed, result.cells.size());
  if (history.size() < 6) result.history += "; fewer than 6 runs show no change points";
  sort_by_outcome(result);
}

}  // namespace npyrace
