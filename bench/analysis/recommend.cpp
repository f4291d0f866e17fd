#include "bench/analysis/recommend.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "bench/analysis/missing.h"
#include "bench/analysis/recipe.h"
#include "bench/storage/stripe.h"
#include "bench/strategies/race_order.h"
#include "bench/strategies/strategy.h"

namespace npyrace {
namespace {

using Cells = std::vector<const CellResult*>;

constexpr const char* kUnsynced =
    "; nothing was synced, so a crash can lose the data: also race --sync end";

/// True if the cells differ only in the page cache state, which users cannot control: anybody may
/// read the file.
bool same_way(const CellDescription& a, const CellDescription& b) {
  return std::tie(a.strategy, a.layout, a.align_bytes, a.ownership, a.sync, a.launcher, a.writers,
                  a.mounts, a.records, a.record_bytes) ==
         std::tie(b.strategy, b.layout, b.align_bytes, b.ownership, b.sync, b.launcher, b.writers,
                  b.mounts, b.records, b.record_bytes);
}

/// Finds a cell that differs only in the page cache state and for which `holds` is true.
template <typename Holds>
const CellResult* sibling(const std::vector<CellResult>& cells, const CellResult& cell,
                          Holds holds) {
  for (const CellResult& other : cells)
    if (same_way(other.cell, cell.cell) && other.cell.cache != cell.cell.cache && holds(other))
      return &other;
  return nullptr;
}

const CellResult* counter_example(const std::vector<CellResult>& cells, const CellResult& cell) {
  return sibling(cells, cell, [](const CellResult& c) { return c.verdict == Verdict::unsafe; });
}

/// Safe cells; if possible only those that are safe in every page cache state.
Cells safe_cells(const std::vector<CellResult>& cells) {
  Cells always;
  Cells sometimes;
  for (const CellResult& cell : cells)
    if (cell.verdict == Verdict::safe && cell.evidence.trials > 0 && cell.records_per_second > 0)
      (counter_example(cells, cell) == nullptr ? always : sometimes).push_back(&cell);
  return always.empty() ? sometimes : always;
}

/// Limitations of the evidence about page cache states.
std::string caveat(const std::vector<CellResult>& cells, const CellResult& chosen) {
  if (const CellResult* counter = counter_example(cells, chosen))
    return "; only while no process on that node reads the file: with pages in the cache, " +
           counter->cell.name + " lost records";
  const bool warm_too =
      chosen.cell.cache == "warm" ||
      sibling(cells, chosen, [](const CellResult& c) { return c.cell.cache == "warm"; }) != nullptr;
  if (chosen.cell.mounts < 2 || warm_too) return "";
  return "; not tested with pages that were read before: add --cache as-is,warm";
}

/// Why the alignment is what it is, if it comes from the stripes of the file system.
std::string stripe_words(const CellDescription& cell, const Environment& environment) {
  if (environment.mounts.empty() || !cell.padded()) return "";
  const MountResult& mount = environment.mounts.front();
  if (cell.align_bytes != stripe_align_bytes(mount, environment.page_bytes)) return "";
  return fmt::format(
      "; each unit holds whole stripes of {} bytes, so no two writers share a stripe, whose lock "
      "Lustre could pass back and forth between their nodes",
      mount.stripe_bytes);
}

/// The effort of a mixture is the sum of its parts, so that it is recommended only if nothing
/// simpler was safe.
int strategy_effort(const std::string& name_or_mixture) {
  int effort = 0;
  for (const StrategyRow* row : find_strategies(name_or_mixture)) effort += row->effort;
  return effort;
}

/// Smaller is simpler.
int effort(const CellResult& cell) {
  return 10 * cell.cell.padded() + strategy_effort(cell.cell.strategy);
}

std::string why_nothing(const std::vector<CellResult>& cells) {
  if (cells.empty()) return "nothing was raced";
  const bool damaged = std::ranges::any_of(
      cells, [](const CellResult& cell) { return cell.verdict == Verdict::unsafe; });
  return damaged ? "no cell was safe here" : "no cell was safe or unsafe; the reasons are above";
}

/// A single writer that already has all records is fast because the transfer of the records is not
/// measured; recommended only if nothing else was safe.
void prefer_what_starts_apart(Cells& cells) {
  const auto single = [](const CellResult* cell) {
    return find_strategies(cell->cell.strategy).front()->strategy.together == Aggregation::single;
  };
  if (!std::ranges::all_of(cells, single)) std::erase_if(cells, single);
}

bool is_unsynced(const CellResult* cell) {
  return !parse_sync_policy(cell->cell.sync).at_end();
}

/// Without syncs a cell is fast because its data are not on disk yet: a weaker guarantee,
/// recommended only if nothing else was safe.
void prefer_what_is_synced(Cells& cells) {
  if (!std::ranges::all_of(cells, is_unsynced)) std::erase_if(cells, is_unsynced);
}

/// Alignments of padded cells of the strategy, and whether all cells with each were safe.
std::map<std::uint64_t, bool> alignments_of(const std::vector<CellResult>& cells,
                                            const std::string& strategy) {
  std::map<std::uint64_t, bool> seen;
  for (const CellResult& cell : cells) {
    const bool told = cell.verdict == Verdict::safe || cell.verdict == Verdict::unsafe;
    if (cell.cell.strategy != strategy || !told || !cell.cell.padded()) continue;
    const auto [place, fresh] = seen.emplace(cell.cell.align_bytes, true);
    place->second = place->second && cell.verdict == Verdict::safe;
  }
  return seen;
}

std::uint64_t smallest_safe(const std::map<std::uint64_t, bool>& alignments) {
  std::uint64_t smallest = 0;
  for (const auto& [align_bytes, safe] : alignments)
    smallest = !safe ? 0 : smallest == 0 ? align_bytes : smallest;
  return smallest;
}

/// The fastest unsafe cell that acknowledges data as strictly as the recommended one.
const CellResult* fastest_unsafe(const std::vector<CellResult>& cells, const CellResult& advice) {
  double faster_than = advice.records_per_second;
  const CellResult* fastest = nullptr;
  for (const CellResult& cell : cells)
    if (cell.verdict == Verdict::unsafe && cell.records_per_second > faster_than &&
        is_unsynced(&cell) == is_unsynced(&advice)) {
      fastest = &cell;
      faster_than = cell.records_per_second;
    }
  return fastest;
}

/// Lists each way to write once, whatever the page cache state.
Cells other_ways(const Cells& cells, const CellResult& chosen) {
  Cells ways;
  for (const CellResult* cell : cells) {
    const auto same = [&](const CellResult* other) { return same_way(other->cell, cell->cell); };
    if (!same(&chosen) && std::ranges::none_of(ways, same)) ways.push_back(cell);
  }
  return ways;
}

void add_price(Recommendation& advice, const std::vector<CellResult>& cells,
               const CellResult& chosen) {
  advice.smallest_safe_bytes = smallest_safe(alignments_of(cells, chosen.cell.strategy));
  if (chosen.cell.records > 0)
    advice.bytes_a_record =
        static_cast<double>(chosen.file_bytes) / static_cast<double>(chosen.cell.records);
  const CellResult* unsafe = fastest_unsafe(cells, chosen);
  if (unsafe == nullptr || chosen.records_per_second <= 0) return;
  advice.fastest_unsafe = unsafe->cell.name;
  advice.times_faster = unsafe->records_per_second / chosen.records_per_second;
}

/// In padded layouts the offsets matter as well as the calls: the same calls without padding lose
/// records.
std::string numpy_words(const CellDescription& cell) {
  const std::string calls = find_strategies(cell.strategy).front()->numpy;
  if (!cell.padded()) return calls;
  const std::string pages = fmt::format(
      "the rows of each job need units of {} bytes of their own; \"npyrace advise RESULT.json --recipe "
      "DIR\" writes scripts that make such an array and tell each job its rows",
      cell.align_bytes);
  return calls.empty() ? pages : pages + "; then " + calls;
}

}  // namespace

Recommendation recommend(const std::vector<CellResult>& cells, const Environment& environment,
                         const std::vector<ProgramResult>& programs) {
  Cells safe = safe_cells(cells);
  prefer_what_starts_apart(safe);
  prefer_what_is_synced(safe);
  if (safe.empty())
    return {.why = why_nothing(cells),
            .missing = missing_evidence(cells, nullptr, environment, programs)};
  const CellResult& fastest = **std::ranges::max_element(
      safe, {}, [](const CellResult* cell) { return cell->records_per_second; });
  std::erase_if(safe, [&](const CellResult* cell) {
    return cell->records_per_second_interval.high < fastest.records_per_second;
  });
  const CellResult& chosen = **std::ranges::min_element(safe, {}, [](const CellResult* cell) {
    return std::pair(effort(*cell), cell->cell.align_bytes);
  });
  std::string why = &chosen == &fastest ? "the fastest that is safe"
                                        : "as fast as the fastest that is safe, and simpler";
  Recommendation advice{
      .cell = chosen.cell.name,
      .why = fmt::format("{}; {}{}{}{}", why, chosen.reason, caveat(cells, chosen),
                         is_unsynced(&chosen) ? kUnsynced : "",
                         stripe_words(chosen.cell, environment)),
      .align_bytes = chosen.cell.padded() ? chosen.cell.align_bytes : 0,
      .numpy = numpy_words(chosen.cell),
      .missing = missing_evidence(cells, &chosen, environment, programs),
      .recipe = recipe_for(chosen.cell)};
  for (const CellResult* cell : other_ways(safe, chosen)) advice.ties.push_back(cell->cell.name);
  add_price(advice, cells, chosen);
  return advice;
}

}  // namespace npyrace
