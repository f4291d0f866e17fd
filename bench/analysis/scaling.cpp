#include "bench/analysis/scaling.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "bench/analysis/statistics.h"

namespace npyrace {
namespace {

bool enough_samples(const std::vector<ThroughputAtWriters>& points) {
  return points.size() >= 2 && std::all_of(points.begin(), points.end(), [](const auto& point) {
           return point.records_per_second.size() >= kKneeSamples;
         });
}

}  // namespace

std::optional<std::size_t> knee_writers(std::vector<ThroughputAtWriters> points) {
  if (!enough_samples(points)) return std::nullopt;
  std::sort(points.begin(), points.end(),
            [](const auto& a, const auto& b) { return a.writers < b.writers; });
  // The largest number is never a knee, because there is no larger one to compare it with.
  for (auto here = points.begin(); here + 1 != points.end(); ++here) {
    const double high = median_interval(here->records_per_second).high;
    const bool beaten = std::any_of(here + 1, points.end(), [high](const auto& later) {
      return median_interval(later.records_per_second).low > high;
    });
    if (!beaten) return here->writers;
  }
  return std::nullopt;
}

namespace {

/// All axes except the number of writers.
auto scaled_way_of(const CellDescription& cell) {
  return std::tie(cell.strategy, cell.layout, cell.align_bytes, cell.ownership, cell.sync,
                  cell.cache, cell.launcher, cell.records, cell.record_bytes);
}

/// A single writer proves nothing about races, so its cell is inconclusive, but its throughput is
/// valid.
bool counts(const CellResult& cell) {
  const bool alone = cell.cell.writers == 1 && cell.verdict == Verdict::inconclusive &&
                     cell.unwritten == 0 && cell.evidence.records_checked > 0;
  return (cell.verdict == Verdict::safe || alone) && !cell.seconds.empty();
}

ThroughputAtWriters throughput(const CellResult& cell) {
  const auto records = static_cast<double>(cell.cell.records * cell.evidence.generations_timed);
  ThroughputAtWriters point{.writers = cell.cell.writers};
  for (const double seconds : cell.seconds)
    point.records_per_second.push_back(seconds > 0 ? records / seconds : 0);
  return point;
}

std::string why_no_knee(const std::vector<ThroughputAtWriters>& points, std::size_t raced) {
  if (points.size() < 2)
    return fmt::format("no knee: {} of {} numbers of writers were safe, two are needed",
                       points.size(), raced);
  for (const ThroughputAtWriters& point : points)
    if (point.records_per_second.size() < kKneeSamples)
      return fmt::format("no knee: fewer than {} repetitions; use --repetitions 6", kKneeSamples);
  return fmt::format("no knee: still faster with {} writers", points.back().writers);
}

void name_knee(Scaling& scaling, std::vector<ThroughputAtWriters> points) {
  std::ranges::sort(points, {}, &ThroughputAtWriters::writers);
  const std::optional<std::size_t> knee = knee_writers(points);
  scaling.knee_writers = knee.value_or(0);
  scaling.reason = knee ? fmt::format("more than {} give no significantly higher rate", *knee)
                        : why_no_knee(points, scaling.points.size());
  const std::size_t left_out = scaling.points.size() - points.size();
  if (knee && left_out > 0)
    scaling.reason += fmt::format("; {} of {} numbers of writers were not safe and do not count",
                                  left_out, scaling.points.size());
}

Scaling scaling_of(const CellDescription& way, const std::vector<CellResult>& cells) {
  Scaling scaling{.strategy = way.strategy,
                  .layout = way.layout,
                  .align_bytes = way.align_bytes,
                  .ownership = way.ownership,
                  .sync = way.sync,
                  .cache = way.cache,
                  .launcher = way.launcher};
  std::vector<ThroughputAtWriters> points;
  for (const CellResult& cell : cells) {
    if (scaled_way_of(cell.cell) != scaled_way_of(way)) continue;
    scaling.points.push_back({cell.cell.writers, cell.records_per_second,
                              cell.records_per_second_interval, counts(cell)});
    if (counts(cell)) points.push_back(throughput(cell));
  }
  std::ranges::sort(scaling.points, {}, &ScalingPoint::writers);
  name_knee(scaling, std::move(points));
  return scaling;
}

}  // namespace

std::vector<Scaling> scalings(const std::vector<CellResult>& cells) {
  std::vector<Scaling> all;
  for (auto cell = cells.begin(); cell != cells.end(); ++cell) {
    const auto same = [&](const CellResult& other) {
      return scaled_way_of(other.cell) == scaled_way_of(cell->cell);
    };
    if (std::find_if(cells.begin(), cell, same) != cell) continue;  // already handled
    Scaling scaling = scaling_of(cell->cell, cells);
    if (scaling.points.size() > 1) all.push_back(std::move(scaling));
  }
  return all;
}

}  // namespace npyrace
