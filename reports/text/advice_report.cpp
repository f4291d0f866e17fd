#include "reports/text/advice_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "reports/text/wrap.h"

namespace npyrace {
namespace {

/// Strategy, layout and page cache state: complete cell names are longer than a line.
std::string short_name(const std::string& cell) {
  const std::size_t layout = cell.find('/');
  const std::size_t cache = cell.rfind("/cache:");
  std::string text =
      cell.substr(0, layout == std::string::npos ? layout : cell.find('/', layout + 1));
  if (cache != std::string::npos) text += " (" + cell.substr(cache + 1) + ")";
  return text;
}

std::string joined_short_names(const std::vector<std::string>& cells) {
  std::vector<std::string> names;
  for (const std::string& cell : cells) names.push_back(short_name(cell));
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Costs of the recommendation, ties, and missing evidence.
std::string price_text(const Recommendation& best) {
  std::string text;
  const auto add = [&](const std::string& words) {
    text += "  " + wrapped(words, {.first = 2, .others = 4});
  };
  if (!best.ties.empty())
    add("equally fast, as far as this run can tell: " + joined_short_names(best.ties));
  if (best.align_bytes > 0 && best.bytes_a_record > 0)
    add(fmt::format("needs {:.4g} bytes of file per record; smallest alignment without losses: {}",
                    best.bytes_a_record,
                    best.smallest_safe_bytes > 0 ? fmt::format("{} bytes", best.smallest_safe_bytes)
                                                 : std::string("not known")));
  if (!best.fastest_unsafe.empty())
    add(fmt::format("the fastest unsafe way, {}, is {:.3g} times as fast",
                    short_name(best.fastest_unsafe), best.times_faster));
  for (const std::string& evidence : best.missing) add("not known yet: " + evidence);
  return text;
}

/// Code is not wrapped, so that it can be pasted.
std::string numpy_text(const Recommendation& best) {
  if (best.numpy.empty()) return "";
  if (best.align_bytes == 0) return fmt::format("  NumPy: {}\n", best.numpy);
  return "  " + wrapped("NumPy: " + best.numpy, {.first = 2, .others = 4});
}

}  // namespace

std::string advised_way(const RunResult& result) {
  const Recommendation& best = result.recommendation;
  const auto cell = std::ranges::find_if(
      result.cells, [&](const CellResult& c) { return c.cell.name == best.cell; });
  const std::string align =
      best.align_bytes > 0 ? fmt::format(" at {} bytes", best.align_bytes) : "";
  const std::string way = cell == result.cells.end()
                              ? best.cell
                              : fmt::format("{}, {}", cell->cell.strategy, cell->cell.layout);
  return way + align;
}

std::string recommendation_text(const RunResult& result) {
  const Recommendation& best = result.recommendation;
  if (best.cell.empty())
    return fmt::format("\nRecommendation: none; {}.\n", best.why) + price_text(best);
  return "\n" +
         wrapped(fmt::format("Recommendation: {}: {}.", advised_way(result), best.why),
                 {.others = 2}) +
         price_text(best) + numpy_text(best);
}

std::string advice_report(const RunResult& result) {
  std::string text = recommendation_text(result).substr(1);
  if (result.recommendation.cell.empty()) return text;
  const Recipe& recipe = result.recommendation.recipe;
  if (recipe.empty())
    return text +
           "\nNo NumPy script can write this way. Write so in your own program, and test it with run --exec\n";
  for (const RecipeScript& script : recipe) text += "\n" + script.text + "\n";
  return text;
}

}  // namespace npyrace
