#pragma once
// What starts writers. One row and one file pair a launcher.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/launchers/scheduler.h"
#include "bench/strategies/race_error.h"
#include "bench/strategies/race_order.h"
#include "bench/strategies/writer.h"
#include "core/os/signals.h"
#include "validators/expectation.h"

namespace npyrace {

class Fleet;

/// A writer that will not write any more, or several that shared a process.
struct Death {
  std::string words;       ///< who, and of what: "writer 3: killed by signal 9 (Killed)"
  bool of_itself = false;  ///< an error of its own or of the system; else somebody killed it
  bool hung = false;       ///< it was ended because it did not get anywhere
};

/// "writers 1, 3 of 4 did not finish within 4 s; …"
std::string hanging_words(const std::vector<std::uint64_t>& hanging, std::uint64_t writers,
                          const char* complaint, std::chrono::seconds patience);

/// What one generation came to.
struct GenerationReport {
  std::vector<WriterReport> writers;         ///< of those that finished it, in the order of writers
  bool held = false;                         ///< see race_order.h; its time is no measurement
  double overlap_seconds = 0;                ///< see overlap.h
  double together_share = 0;                 ///< see overlap.h
  std::vector<Death> deaths = {};            ///< in this generation
  std::vector<WriterPromise> promises = {};  ///< one a writer once somebody has died; else empty
  bool nobody_left = false;
  std::string struck_file = {};  ///< what a program did to the whole file; empty: nothing was seen
  bool replaced_file = false;    ///< another file was moved over it by a program
  /// Page cache behind each writer, where that is only known afterwards; else empty.
  std::vector<std::uint64_t> caches = {};
};

/// Writers that have been started and stand at the line.
class Crew {
 public:
  virtual ~Crew() = default;  ///< ends every writer that still runs
  /// Brings page caches of other machines than this one into a state of cache_table(). Throws
  /// RaceError.
  virtual void prepare_elsewhere(const std::string& /*cache*/) {}
  /// Lets all writers race through their next generation. Those that die are reported, and the
  /// others go on without them. Throws RaceError or Interrupted.
  virtual GenerationReport race() = 0;
  /// Waits for all writers to go home. Returns who died on the way. Throws RaceError.
  virtual std::vector<Death> finish() = 0;
};

/// A program of the user's own, once a writer; for the exec launcher only.
struct ExecOrder {
  std::string command;
  const SchedulerRow* scheduler = &scheduler_table().front();  ///< that is played
  std::chrono::seconds time_limit{0};                          ///< of each program; 0: none
  bool stamps = true;  ///< there is an NPYRACE_EXPECT to copy from
};

/// What Slurm must be told; for the slurm launcher only.
struct SlurmOrder {
  std::string npyrace;                 ///< the program, by a path that the nodes know; empty: ours
  std::uint64_t together_seconds = 5;  ///< how long a task waits for the others
  std::vector<std::string> options;    ///< of sbatch: "--partition=short"
};

struct LaunchRequest {
  RaceOrder order;
  std::uint64_t writers = 1;
  std::vector<std::uint64_t> caches;              ///< page cache of writer w: number w modulo these
  std::optional<std::uint64_t> only_writer = {};  ///< launcher exec: starts this one alone
  ExecOrder exec = {};
  SlurmOrder slurm = {};
  /// A race in which no writer gets anywhere for so long hangs.
  std::chrono::seconds patience{120};
  Fleet* fleet = nullptr;  ///< for launchers mpi and ssh
  /// Hears what is waited for, where that can take long.
  std::function<void(const std::string&)> tell = [](const std::string&) {};
  /// Called when writers could not be ended: the file they may still write to must stay.
  std::function<void()> leave_files = [] {};
  /// Called when writers that our own binary started were let run, once a generation.
  std::function<void()> let_run = [] {};
};

class Launcher {
 public:
  virtual ~Launcher() = default;
  /// Throws SystemError or RaceError.
  virtual std::unique_ptr<Crew> start(const LaunchRequest& request) const = 0;
};

struct LauncherRow {
  const char* name;
  const char* summary;
  const Launcher& launcher;
  std::string (*missing)() = [] { return std::string(); };  ///< why it cannot be; empty: it can
};

/// The one table of launchers.
std::span<const LauncherRow> launcher_table();
/// Throws UsageError with a suggestion.
const LauncherRow& find_launcher(std::string_view name);

}  // namespace npyrace
