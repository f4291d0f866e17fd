#include "core/base/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

namespace npyrace {
namespace {

/// Levenshtein distance, computed row by row.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

/// Up to this distance `candidate` may be what was meant. Two swapped letters count as two edits.
std::size_t most_edits(std::string_view typed, std::string_view candidate) {
  const bool alike =
      typed.substr(0, 1) == candidate.substr(0, 1) || std::ranges::is_permutation(typed, candidate);
  return std::max<std::size_t>(std::max(typed.size(), candidate.size()) / 3, alike ? 2 : 1);
}

}  // namespace

std::string nearest_name(std::string_view typed, std::span<const std::string> candidates) {
  std::string nearest;
  std::size_t least = std::numeric_limits<std::size_t>::max();
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(typed, candidate);
    if (distance <= most_edits(typed, candidate) && distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string unknown_name_message(std::string_view kind, std::string_view typed,
                                 std::span<const std::string> candidates) {
  const std::string nearest = nearest_name(typed, candidates);
  const std::string hint = nearest.empty() ? "" : fmt::format(" did you mean '{}'?", nearest);
  return fmt::format("unknown {} '{}';{} known: {}", kind, typed, hint,
                     fmt::join(candidates, ", "));
}

}  // namespace npyrace
