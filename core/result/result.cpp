#include "core/result/result.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "core/array/layout.h"

namespace npyrace {

std::string chance_words(double share) {
  if (share < 0.0001) return "less than 0.01 %";
  return fmt::format("{:.{}f} %", 100 * share, share < 0.1 ? 2 : 0);
}

bool CellDescription::padded() const {
  return find_layout(layout).padded;
}

/// Keeps some examples of each kind, so that a frequent kind does not displace the others.
void ReadersResult::add_example(Sighting sighting) {
  constexpr std::ptrdiff_t kMostOfAKind = 2;
  const auto same = std::ranges::count(examples, sighting.kind, &Sighting::kind);
  if (same < kMostOfAKind) examples.push_back(std::move(sighting));
}

void ReadersResult::merge(const ReadersResult& more) {
  constexpr std::size_t kMostProblems = 8;
  scans += more.scans;
  records_read += more.records_read;
  torn += more.torn;
  went_back += more.went_back;
  other += more.other;
  for (const Sighting& sighting : more.examples) add_example(sighting);
  for (const std::string& problem : more.problems)
    if (problems.size() < kMostProblems && std::ranges::count(problems, problem) == 0)
      problems.push_back(problem);
}

}  // namespace npyrace
