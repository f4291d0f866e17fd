#include "bench/soak/soak_tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace npyrace {
namespace {

std::uint64_t count_of(const std::map<Verdict, std::uint64_t>& counts, Verdict verdict) {
  const auto place = counts.find(verdict);
  return place == counts.end() ? 0 : place->second;
}

std::uint64_t sum_of(const std::map<Verdict, std::uint64_t>& counts) {
  std::uint64_t sum = 0;
  for (const auto& [verdict, count] : counts) sum += count;
  return sum;
}

/// The first of these that any cell came to: a loss is the news, then what hid one.
Verdict verdict_of(const std::map<Verdict, std::uint64_t>& counts) {
  for (const Verdict verdict :
       {Verdict::unsafe, Verdict::failed, Verdict::safe, Verdict::inconclusive})
    if (count_of(counts, verdict) > 0) return verdict;
  return Verdict::skipped;
}

std::string reason_of(Verdict verdict, const std::map<Verdict, std::uint64_t>& counts) {
  const std::uint64_t count = count_of(counts, verdict);
  switch (verdict) {
    case Verdict::unsafe:
      return fmt::format("records were lost in {} of {} cells", count, sum_of(counts));
    case Verdict::failed:
      return fmt::format("{} of {} cells could not be raced", count, sum_of(counts));
    case Verdict::safe:
      return fmt::format("nothing was lost; {} of {} cells say something about that", count,
                         sum_of(counts));
    default:
      return fmt::format("no cell of {} says anything", sum_of(counts));
  }
}

}  // namespace

bool SoakTally::is_news(const CellResult& cell) {
  return cell.verdict == Verdict::unsafe || cell.verdict == Verdict::failed;
}

void SoakTally::add(CellResult cell) {
  ++all_[cell.verdict];
  ++by_strategy_[cell.cell.strategy][cell.verdict];
  if (!is_news(cell)) return;
  const bool known = std::ranges::any_of(
      kept_, [&](const CellResult& other) { return other.cell.name == cell.cell.name; });
  if (known || kept_.size() >= kMostKept) {
    ++not_kept_;
    return;
  }
  if (cell.examples.size() > kMostExamplesKept) cell.examples.resize(kMostExamplesKept);
  kept_.push_back(std::move(cell));
}

std::string SoakTally::words() const {
  return fmt::format("{} cells, {} unsafe", sum_of(all_), count_of(all_, Verdict::unsafe));
}

ExperimentResult SoakTally::experiment(const std::string& name, const Counts& counts) const {
  const Verdict verdict = verdict_of(counts);
  ExperimentResult result{.scenario = "soak",
                          .name = name,
                          .verdict = verdict,
                          .reason = reason_of(verdict, counts),
                          .counts = {{"cells", sum_of(counts)}}};
  for (const Verdict each :
       {Verdict::safe, Verdict::unsafe, Verdict::inconclusive, Verdict::failed, Verdict::skipped})
    result.counts.emplace_back(verdict_name(each), count_of(counts, each));
  return result;
}

void SoakTally::into(RunResult& result, double seconds, bool cut_short) const {
  ExperimentResult whole = experiment("all", all_);
  whole.reason += fmt::format(", in {:.0f} s{}", seconds, cut_short ? ", then interrupted" : "");
  if (not_kept_ > 0)
    whole.reason += fmt::format(
        "; {} cells that went wrong are counted and not kept: the same again, or more than {}",
        not_kept_, kMostKept);
  result.experiments.push_back(std::move(whole));
  for (const auto& [strategy, counts] : by_strategy_)
    result.experiments.push_back(experiment(strategy, counts));
  result.cells.insert(result.cells.end(), kept_.begin(), kept_.end());
}

}  // namespace npyrace
