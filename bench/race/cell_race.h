#pragma once
// One cell, raced as often as asked: creates the file, starts the writers, lets them race, reads
// the file back, and adds up what was seen.

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

/// What a race needs of the world around it.
struct RaceContext {
  FileOpener open_file;
  /// Returns when what writers have closed is where it will stay: a lab holds things back on
  /// purpose, other file systems are left alone.
  std::function<void()> settle = [] {};
  /// The same, but without what no writer has synced or closed: programs of the user's own have
  /// ended with it still in their node's memory.
  std::function<void()> settle_synced = [] {};
  /// Whether the judge sees the store itself.
  JudgeTrial judge = {};
  /// Reads a file back; ranks share that work.
  std::function<Findings(const ScanRequest&)> scan = npyrace::scan;
  /// Hears what a race waits for, where that can take long.
  std::function<void(const std::string&)> tell = [](const std::string&) {};
  Fleet* fleet = nullptr;  ///< with launchers mpi and ssh: the ranks
  std::string locks_problem =
      {};  ///< why strategies that need locks are not raced; empty: they are
  /// Lets go of cached pages that the kernel cannot be asked to drop: a lab's server has some.
  std::function<void()> drop_caches = [] {};
};

/// What one repetition came to.
struct RepetitionResult {
  double seconds = 0;
  std::uint64_t generations = 0;               ///< that took those seconds: held ones are not timed
  std::vector<double> generation_seconds;      ///< of each of those
  std::vector<double> generation_cpu_seconds;  ///< the same of all writers together

  /// One more file of this repetition.
  void add(const RaceTally& race);
};

class CellRace {
 public:
  /// `cell` is one of plan.cells.
  CellRace(const RunPlan& plan, const Cell& cell, RaceContext context);

  /// One repetition on a fresh file. Returns what it took, or nothing once the cell has failed or
  /// was refused; later repetitions are then not tried. Throws Interrupted.
  std::optional<RepetitionResult> repeat();

  /// Whether nothing was lost so far, but too little was tried to have seen a rare loss.
  bool wants_trials() const;

  /// Races on, untimed, on a fresh file until enough was tried, something was lost, or so many
  /// seconds have passed. Throws Interrupted.
  void try_more(double at_most_seconds);

  /// Why there are no more seconds: the words of the system.
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
    std::vector<std::uint64_t> wrong;  ///< records, just after the program had ended
    bool comes_late = false;           ///< they were right some seconds later
  };
  AloneOutcome wrong_alone(std::uint64_t writer);
  bool comes_late(const std::function<bool()>& is_right) const;
  bool made_anew(const RaceFile& file) const;
  void note_who_lost_all(const Findings& findings);
  std::string no_proof() const;
  LaunchRequest launch_request(const RaceFile& file, std::uint64_t stamp_seed,
                               std::uint64_t most_generations) const;
  bool runs_program() const { return cell_.description.launcher == "exec"; }
  /// On a fresh file, for as long as `go_on` says after each generation.
  void race_file(std::uint64_t most_generations, const std::function<bool()>& go_on);
  bool is_last(std::uint64_t generation) const;
  ArrayMaker maker() const;
  void adopt_header(const std::string& path);
  ArrayRequest array_as_made() const;
  std::uint64_t fresh_stamp_seed() const;
  void fit_budget(double generation_seconds);
  void race_generation(Crew& crew, ReaderCrew& readers, RaceFile& file, std::uint64_t generation,
                       std::uint64_t stamp_seed);
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
  std::optional<SerialTruth> truth_;  ///< with --expect serial, once it is known
  ArrayMap map_;
  std::vector<std::uint64_t> caches_;
  std::size_t cache_count_;  ///< different ones among them
  UnitCounts units_;         ///< that writers share, and in which an update can be lost

  std::uint64_t generations_;  ///< as planned, or what the budget allows
  bool further_ = false;       ///< raced for more trials only
  std::vector<RepetitionResult> repetitions_;
  Stopwatch started_;  ///< when the crew of this repetition was
  RaceTally race_;     ///< of the file that is raced now
  RaceTally all_;
  DamagePattern damage_;
  std::vector<WriterPromise> promises_;  ///< of the last generation that was checked
  std::optional<View> judge_;
  std::vector<View> views_;
  ReadersResult seen_;  ///< by readers, meanwhile
  std::string problem_;
  std::string kept_file_;
  bool refused_ = false;
  bool tried_alone_ = false;
  std::set<std::uint64_t> lost_all_;  ///< writers that lost every record in some generation
  bool tried_loser_ = false;          ///< one of them was run alone
  std::string further_problem_;       ///< why racing on for more trials ended early
};

}  // namespace npyrace
