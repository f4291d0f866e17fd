#include "bench/decide/machine.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "bench/decide/shift.h"
#include "bench/statistics.h"

namespace npyrace {
namespace {

using Runs = std::vector<Measurements>;

constexpr double kNoticeable = 1.1;
/// Where repetitions are too few for an interval.
constexpr double kPlain = 1.25;
constexpr double kAlpha = 0.01;

/// Logarithms; a run without them is left out.
LogRuns times_of(const Runs& runs, const std::string& name, bool repetitions) {
  LogRuns all;
  for (const Measurements& run : runs) {
    const CellSamples* reference = run.find(name);
    if (reference == nullptr || reference->seconds.empty()) continue;
    if (!repetitions) {
      all.push_back({std::log(median(reference->seconds))});
      continue;
    }
    std::vector<double>& logs = all.emplace_back();
    for (const double seconds : reference->seconds) logs.push_back(std::log(seconds));
  }
  return all;
}

/// By what factor a reference moved; nothing where that may be noise.
std::optional<double> factor_of(const Sides& sides, const std::string& name) {
  const bool single = sides.base.size() == 1 && sides.fresh.size() == 1;
  ShiftQuestion question{.base = times_of(sides.base, name, single),
                         .fresh = times_of(sides.fresh, name, single),
                         .alpha = kAlpha};
  if (question.base.empty() || question.fresh.empty()) return std::nullopt;
  question.paired = sides.paired && !single && question.base.size() == question.fresh.size();
  const Shift shift = shift_of(question);
  const bool known = std::isfinite(shift.low) && std::isfinite(shift.high);
  const double least = known ? std::max(shift.low, -shift.high) : std::abs(shift.middle);
  const double wanted = std::log(known ? kNoticeable : kPlain);
  return least > wanted ? std::optional(std::exp(shift.middle)) : std::nullopt;
}

std::uint64_t processors_of(const Runs& runs) {
  return runs.front().processors;
}

std::string processors_text(const Sides& sides) {
  const std::uint64_t base = processors_of(sides.base), fresh = processors_of(sides.fresh);
  if (base == 0 || fresh == 0 || base == fresh) return "";
  return fmt::format("BASE was measured on {} processors, NEW on {}", base, fresh);
}

}  // namespace

std::string machine_change(const Sides& sides) {
  if (!sides.base.front().relative_to.empty()) return "";
  std::vector<std::string> moved;
  for (const CellSamples& reference : sides.base.front().references)
    if (const std::optional<double> factor = factor_of(sides, reference.name))
      moved.push_back(fmt::format("{} takes {:.2g} times as long", reference.name, *factor));
  if (const std::string text = processors_text(sides); !text.empty()) moved.push_back(text);
  if (moved.empty()) return "";
  const bool references = !sides.base.front().references.empty();
  return fmt::format(
      "the machine itself changed: {}. Times of cells hold that, too: --relative-to {} divides it out",
      fmt::join(moved, ", "), references ? "reference" : "CELL, a benchmark that nobody changed,");
}

}  // namespace npyrace
