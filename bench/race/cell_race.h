#pragma once
// Runs one cell of the plan: races on new files, repetition by repetition, and accumulates
// findings, timings and evidence into a CellResult.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/race/cell_files.h"
#include "bench/race/cell_verdict.h"
#include "bench/race/file_race.h"
#include "bench/race/race_tally.h"
#include "core/result/result.h"

namespace npyrace {

class CellRace {
 public:
  /// `cell` must be an element of plan.cells; all three must outlive this object.
  CellRace(const RunPlan& plan, const Cell& cell, const RaceContext& context);

  /// Runs one repetition on a new file. Returns its timings, or nothing when the cell has failed or
  /// was refused; later calls then do nothing. Throws Interrupted.
  std::optional<RaceTimes> repeat();

  /// True when the verdict so far is `safe` but the number of trials is too small to exclude a rare
  /// loss.
  bool wants_trials() const { return wants_trials(all_); }

  /// Runs more generations, untimed, on new files until there are enough trials, damage is found,
  /// or `at_most_seconds` have passed. Throws Interrupted.
  void try_more(double at_most_seconds);

  /// Error message that ended the cell; empty: none.
  const std::string& problem() const { return end_.problem; }
  /// What its races took so far.
  const RunSeconds& spent() const { return spent_; }

  const ArrayMap& map() const { return files_.map(); }

  CellResult result() const;

 private:
  template <typename Race>
  bool attempt(Race race);
  RaceTimes race_once();
  RaceTimes race_serially();
  /// Called after each generation with the results on this file.
  using GoOn = std::function<bool(const FileResult& so_far)>;
  RaceTimes race_file(std::uint64_t most_generations, const GoOn& go_on);
  void add(const FileResult& file);
  void try_alone(std::uint64_t writer);
  bool is_last(std::uint64_t generation) const;
  bool wants_trials(const RaceTally& tally) const;
  void require_site() const;
  void fit_budget(double generation_seconds);
  void add_times(CellResult& result) const;
  Judgement judgement(const Evidence& evidence) const;

  CellFiles files_;
  std::uint64_t generations_;  ///< planned number, reduced to the time budget
  std::vector<RaceTimes> repetitions_;
  RaceTally all_;  ///< of all files
  RunSeconds spent_;
  std::vector<PhaseSeconds> phases_;
  ReadersResult readers_;
  std::string kept_file_;
  RaceEnd end_;
  bool further_ = false;      ///< true while racing for additional trials only
  bool tried_alone_ = false;  ///< writer 0 of a program was run alone
  bool tried_loser_ = false;  ///< a writer that lost all its records was run alone
};

}  // namespace npyrace
