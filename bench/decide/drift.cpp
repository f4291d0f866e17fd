#include "bench/decide/drift.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "bench/decide/change_points.h"
#include "bench/decide/gate.h"
#include "bench/statistics.h"
#include "core/error.h"

namespace npyrace {
namespace {

namespace fs = std::filesystem;

/// Older ones say little of today, and the search is quadratic.
constexpr std::size_t kMostRuns = 200;

/// One cell over time.
struct Series {
  std::vector<double> levels;     ///< logarithms of the runs' medians
  std::vector<std::size_t> runs;  ///< their numbers in the history
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
