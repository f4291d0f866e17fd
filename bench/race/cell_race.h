#pragma once
// Runs one cell of the plan: per repetition creates a race file, starts the writers, lets them
// write generation after generation, scans the file after each, and accumulates findings, timings
// and evidence into a CellResult.

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bench/analysis/verdict.h"
#include "bench/launchers/exec_program.h"
#include "bench/plan/plan.h"
#include "bench/race/race_tally.h"
#include "bench/race/reader_crew.h"
#include "bench/race/serial_truth.h"
#include "bench/storage/place_trials.h"
#include "bench/storage/race_file.h"
#include "bench/storage/sidecar.h"
#include "core/os/stopwatch.h"
#include "core/result/attribution.h"
#include "core/result/result.h"
#include "validators/scan.h"

namespace npyrace {

/// Functions and facts that a race takes from its environment.
struct RaceContext {
  FileOpener open_file;
  /// Blocks until closed writes have reached their final place. A lab delays writes on purpose; for
  /// other file systems this does nothing.
  std::function<void()> settle = [] {};
  /// As settle, but only for synced or closed writes: user programs may end with unsynced stores
  /// still in their node's memory.
  std::function<void()> settle_synced = [] {};
  /// Result of the trial whether the judge bypasses the page cache.
  JudgeTrial judge = {};
  /// Scans a file; with ranks they share the work.
  std::function<Findings(const ScanRequest&)> scan = npyrace::scan;
  /// Receives a message about the current wait, for the progress line.
  std::function<void(const std::string&)> tell = [](const std::string&) {};
  Fleet* fleet = nullptr;  ///< the ranks; null unless launchers mpi or ssh are used
  std::string locks_problem =
      {};  ///< why strategies that need locks are skipped; empty: locks work
  /// Drops cached pages that the kernel cannot drop, such as those of a lab's server.
  std::function<void()> drop_caches = [] {};
};

/// Timings of one repetition.
struct RepetitionResult {
  double seconds = 0;
  std::uint64_t generations = 0;               ///< timed generations; held ones are not timed
  std::vector<double> generation_seconds;      ///< elapsed time of each timed generation
  std::vector<double> generation_cpu_seconds;  ///< CPU time of each, summed over all writers

  /// Adds the timed generations of one more file.
  void add(const RaceTally& race);
};

class CellRace {
 public:
  /// `cell` must be an element of plan.cells; both must outlive this object.
  CellRace(const RunPlan& plan, const Cell& cell, RaceContext context);

  /// Runs one repetition on a new file. Returns its timings, or nothing when the cell has failed or
  /// was refused; later calls then do nothing. Throws Interrupted.
  std::optional<RepetitionResult> repeat();

  /// True when the verdict so far is `safe` but the number of trials is too small to exclude a rare
  /// loss.
  bool wants_trials() const;

  /// Runs more generations, untimed, on new files until there are enough trials, damage is found,
  /// or `at_most_seconds` have passed. Throws Interrupted.
  void try_more(double at_most_seconds);

  /// Error message that ended the cell; empty: none.
  const std::string& problem() const { return problem_; }

  const ArrayMap& map() const { return map_; }

  CellResult result() const;

 private:
  template <typename Race>
  bool attempt(Race race);
  RepetitionResult race_once();
  RepetitionResult race_serially();
  void learn_truth_once();
  std::vector<std::byte> content_of(const RaceFile& file) const;
  void try_alone(std::uint64_t writer);
  struct AloneOutcome {
    std::vector<std::uint64_t> wrong;  ///< wrong records directly after the program's end
    bool comes_late = false;           ///< they were correct some seconds later
  };
  enum class LateData { wait, ignore };
  AloneOutcome wrong_alone(std::uint64_t writer, LateData late_data);
  std::unique_ptr<RaceFile> make_race_file();
  GenerationReport run_alone(const LaunchRequest& request, std::uint64_t writer) const;
  bool comes_late(const std::function<bool()>& is_right) const;
  bool made_anew(const RaceFile& file) const;
  void note_who_lost_all(const Findings& findings);
  std::string no_proof() const;
  LaunchRequest launch_request(const RaceFile& file, std::uint64_t stamp_seed,
                               std::uint64_t most_generations) const;
  bool runs_program() const { return cell_.description.launcher == "exec"; }
  /// Races on a new file until `go_on`, called after each generation, returns false.
  void race_file(std::uint64_t most_generations, const std::function<bool()>& go_on);
  bool is_last(std::uint64_t generation) const;
  ArrayMaker maker() const;
  void adopt_header(const std::string& path);
  ArrayRequest array_as_made() const;
  std::uint64_t fresh_stamp_seed() const;
  void fit_budget(double generation_seconds);
  void race_generation(WriterGroup& crew, ReaderCrew& readers, RaceFile& file,
                       std::uint64_t generation, std::uint64_t stamp_seed);
  void require_fit() const;
  void judge_what_is_left(const RaceFile& file, std::uint64_t generation, std::uint64_t stamp_seed);
  void require_somebody_fit(const GenerationReport& report) const;
  void require_the_file(const RaceFile& file) const;
  bool adopt_replacement(RaceFile& file, const GenerationReport& report) const;
  std::uint64_t trials(const RaceTally& tally) const;
  void adopt_caches(const GenerationReport& report);
  void note_size(const RaceFile& file);
  void note(const std::vector<Death>& deaths);
  void check(const RaceFile& file, Expectation expectation, std::uint64_t stamp_seed,
             bool replaced);
  Findings look(const RaceFile& file, const Expectation& expectation, std::uint64_t stamp_seed,
                bool every_view);
  Findings look_at_truth(const Expectation& expectation, const View& judge) const;
  ArrayRequest request_of_program(const ArrayRequest& array) const;
  ExecCreateRequest create_request() const;
  void explain_replacement(const RaceFile& file, Findings& findings);
  void take(Findings findings);
  void keep(RaceFile& file, std::uint64_t stamp_seed, std::uint64_t generation);
  KeptRace kept_race() const;
  Evidence evidence(const RaceTally& tally) const;
  Judgement verdict(const RaceTally& tally, const Evidence& evidence) const;

  const RunPlan& plan_;
  const Cell& cell_;
  RaceContext context_;
  std::optional<SerialTruth> truth_;  ///< with --expect serial, once it has been learned
  ArrayMap map_;
  std::vector<std::uint64_t> caches_;
  std::size_t cache_count_;  ///< number of distinct page caches
  UnitCounts units_;         ///< units shared by writers, and those in which an update can be lost

  std::uint64_t generations_;  ///< planned number, reduced to the time budget
  bool further_ = false;       ///< true while racing for additional trials only
  std::vector<RepetitionResult> repetitions_;
  Stopwatch started_;  ///< restarted when this repetition's writers are started
  RaceTally race_;     ///< of the current file
  RaceTally all_;
  DamagePattern damage_;
  std::vector<WriterPromise> promises_;  ///< of the last checked generation
  std::optional<View> judge_;
  std::vector<View> views_;
  ReadersResult seen_;  ///< accumulated observations of the live readers
  std::string problem_;
  std::string kept_file_;
  bool refused_ = false;
  bool tried_alone_ = false;
  std::set<std::uint64_t> lost_all_;  ///< writers that lost every record in some generation
  bool tried_loser_ = false;          ///< one writer of lost_all_ was run alone
  std::string further_problem_;       ///< why racing for additional trials ended early
};

}  // namespace npyrace
