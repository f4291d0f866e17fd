#pragma once
// The interface of launchers, which start writers and run generations, the values that pass through
// it, and the table of launchers.

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

class Coordinator;

/// The failure of one writer, or of several that shared a process.
struct WriterFailure {
  std::string words;       ///< for people: "writer 3: killed by signal 9 (Killed)"
  bool of_itself = false;  ///< its own error or a system error; false: it was killed from outside
  bool hung = false;       ///< it made no progress and was killed
};

/// Formats "writers 1, 3 of 4 did not finish within 4 s; …".
std::string hanging_words(const std::vector<std::uint64_t>& hanging, std::uint64_t writers,
                          const char* complaint, std::chrono::seconds patience);

/// Result of one generation.
struct GenerationReport {
  std::vector<WriterReport> writers;  ///< of writers that finished it, in writer order
  bool held = false;  ///< a synchronized generation, see is_held in race_order.h; not timed
  double overlap_seconds = 0;                ///< see writer.h
  double together_share = 0;                 ///< see writer.h
  std::vector<WriterFailure> failures = {};  ///< in this generation
  /// One per writer if any writer has failed; else empty.
  std::vector<WriterPromise> promises = {};
  bool all_failed = false;
  std::string file_damage = {};  ///< how a program damaged the whole file; empty: not seen
  bool replaced_file = false;    ///< a program replaced the file by rename
  /// Page cache of each writer, if known only after the generation; else empty.
  std::vector<std::uint64_t> caches = {};
};

/// Writers that have been started and wait for a generation to begin.
class WriterGroup {
 public:
  virtual ~WriterGroup() = default;  ///< ends all running writers
  /// Brings the page caches of other hosts into a state of cache_table(). Throws RaceError.
  virtual void prepare_elsewhere(const std::string& /*cache*/) {}
  /// Runs the next generation with all remaining writers. Writers that fail are reported, and the
  /// others continue. Throws RaceError or Interrupted.
  virtual GenerationReport race() = 0;
  /// Waits for all writers to exit. Returns those that failed meanwhile. Throws RaceError.
  virtual std::vector<WriterFailure> finish() = 0;
};

/// The user's program and its environment, for launcher exec only.
struct ExecOrder {
  std::string command;
  /// Batch system whose environment is imitated.
  const SchedulerRow* scheduler = &scheduler_table().front();
  std::chrono::seconds time_limit{0};  ///< per program; 0: none
  bool stamps = true;                  ///< set NPYRACE_EXPECT, a file with the content to write
};

/// Parameters of launcher slurm.
struct SlurmOrder {
  std::string npyrace;                 ///< path of the npyrace binary on the nodes; empty: our own
  std::uint64_t together_seconds = 5;  ///< how long a task waits for the others
  std::vector<std::string> options;    ///< options for sbatch: "--partition=short"
};

struct LaunchRequest {
  RaceOrder order;
  std::uint64_t writers = 1;
  std::vector<std::uint64_t> caches;  ///< writer w uses page cache caches[w modulo size]
  std::optional<std::uint64_t> only_writer = {};  ///< launcher exec: start only this writer
  ExecOrder exec = {};
  SlurmOrder slurm = {};
  /// Time without progress of any writer after which the race counts as hanging.
  std::chrono::seconds patience{120};
  Coordinator* coordinator = nullptr;  ///< for launchers mpi and ssh
  /// Receives a message about the current wait, for the progress line.
  std::function<void(const std::string&)> tell = [](const std::string&) {};
  /// Called when writers could not be ended: the file must not be removed, they may still write to
  /// it.
  std::function<void()> on_file_in_use = [] {};
  /// Called once per generation when writers of our own binary have been released.
  std::function<void()> on_released = [] {};
};

struct LauncherRow {
  const char* name;
  const char* summary;
  /// Throws SystemError or RaceError.
  std::unique_ptr<WriterGroup> (*start)(const LaunchRequest& request);
  /// Why it is unavailable here; empty: available.
  std::string (*missing)() = [] { return std::string(); };
};

inline constexpr const char* kMpi = "mpi";
inline constexpr const char* kSsh = "ssh";
inline constexpr const char* kSlurm = "slurm";
inline constexpr const char* kExec = "exec";

/// One process per writer, or one OpenMP thread of one process per writer (processes.cpp).
std::unique_ptr<WriterGroup> start_processes(const LaunchRequest& request);
std::unique_ptr<WriterGroup> start_threads(const LaunchRequest& request);
/// `request.coordinator` must have a rank for each writer (ranks.cpp).
std::unique_ptr<WriterGroup> start_ranks(const LaunchRequest& request);
std::unique_ptr<WriterGroup> start_ssh_ranks(const LaunchRequest& request);
/// One task of a Slurm array job per writer (slurm.cpp).
std::unique_ptr<WriterGroup> start_slurm_tasks(const LaunchRequest& request);
/// The user's program, started once per writer (exec.cpp).
std::unique_ptr<WriterGroup> start_programs(const LaunchRequest& request);

/// Why the default remote shell is unavailable; empty: available.
std::string no_ssh_reason();

/// The one table of launchers.
std::span<const LauncherRow> launcher_table();
/// Throws UsageError with a suggestion.
const LauncherRow& find_launcher(std::string_view name);

}  // namespace npyrace
