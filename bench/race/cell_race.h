#pragma once
// One cell, raced as often as asked: creates the file, starts the writers, lets them race, reads
// the file back, and adds up what was seen.

#include <optional>
#include <string>
#include <vector>

#include "bench/plan.h"
#include "bench/verdict.h"
#include "core/result.h"
#include "validators/scan.h"

namespace npyrace {

class CellRace {
 public:
  CellRace(const RunPlan& plan, const Cell& cell, FileOpener open_file);

  /// One repetition on a fresh file. Returns its seconds, or nothing once the cell has failed or
  /// was refused; later repetitions are then not tried. Throws Interrupted.
  std::optional<double> repeat();

  /// Why there are no more seconds: the words of the system.
  const std::string& problem() const { return problem_; }

  std::uint64_t bytes_per_repetition() const;
  std::uint64_t records_per_repetition() const;

  CellResult result() const;

 private:
  double race_once();
  void note_generation(const std::vector<WriterReport>& reports);
  void check(const std::vector<std::string>& paths, unsigned generation, std::uint64_t stamp_seed);
  Evidence evidence() const;
  Judgement verdict(const Evidence& evidence) const;

  const RunPlan& plan_;
  const Cell& cell_;
  FileOpener open_file_;
  ArrayMap map_;
  std::vector<std::uint64_t> caches_;

  std::vector<double> seconds_;
  std::vector<PhaseSeconds> phases_;
  double overlap_seconds_ = 0;
  Findings findings_;
  std::optional<View> judge_;
  std::vector<View> views_;
  std::string problem_;
  std::string kept_file_;
  bool refused_ = false;
};

}  // namespace npyrace
