#pragma once
// The race on one file: makes it, starts writers and readers, runs generations, checks the file
// after each, and removes or keeps it.

#include <cstdint>
#include <memory>
#include <string>

#include "bench/launchers/launcher.h"
#include "bench/race/cell_files.h"
#include "bench/race/race_tally.h"
#include "bench/race/reader_group.h"
#include "bench/storage/race_file.h"
#include "core/os/stopwatch.h"
#include "core/result/result.h"
#include "validators/expectation.h"

namespace npyrace {

struct FileResult {
  RaceTally tally;
  RaceTimes times;
  ReadersResult readers;  ///< what live readers saw
  std::string kept_file;  ///< its path; empty: not kept
  /// From the start of the writers to the end of the first generation.
  double first_generation_seconds = 0;
  RunSeconds spent;
};

class FileRace {
 public:
  /// Starts the writers, for up to `most_generations`. Throws RaceError, SystemError, Interrupted.
  FileRace(CellFiles& files, std::uint64_t most_generations);

  /// Runs and checks one generation, in every view if it is the last. After an exception the race
  /// has ended; what was found before it counts. Throws as the constructor, and ScanCancelled.
  void race_generation(bool is_last);
  /// Waits for the writers to exit. Throws as race_generation.
  void finish();

  const FileResult& result() const { return result_; }

 private:
  template <typename Work>
  void or_break_off(Work work);
  GenerationReport let_writers_race();
  void check_what_is_left();
  void check(bool every_view, bool replaced);
  void take(Findings findings);
  void note_writers_without_records(const Findings& findings);
  bool adopt_replacement(const GenerationReport& report);
  void explain_replacement(Findings& findings);
  void note_size();
  void require_the_file() const;
  void keep(const std::string& problem);

  CellFiles& files_;
  const RunPlan& plan_;
  Stopwatch watch_;  ///< of result_.spent
  std::unique_ptr<RaceFile> file_;
  std::uint64_t stamp_seed_;
  ReaderGroup readers_;
  Stopwatch started_;
  std::unique_ptr<WriterGroup> writers_;
  Expectation expectation_{.generation = 0};  ///< what the file must hold if the race ends now
  FileResult result_;
};

/// Throws RaceError, with the failures of writers so far, if another file has the name: its content
/// is no evidence.
void require_same_file(const RaceFile& file, const std::string& failures);

}  // namespace npyrace
