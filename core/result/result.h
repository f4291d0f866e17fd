#pragma once
// The complete result of a run as plain values: computed in bench, formatted by reports.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/result/findings.h"
#include "core/result/passport.h"
#include "core/result/verdict.h"

namespace npyrace {

/// Number of samples in [from_seconds, to_seconds).
struct LatencyBar {
  double from_seconds = 0, to_seconds = 0;
  std::uint64_t samples = 0;
};

/// Latency distribution of one kind of operation.
struct LatencyResult {
  std::string name;  ///< "first write"
  std::uint64_t samples = 0;
  double p50_seconds = 0, p90_seconds = 0, p99_seconds = 0, max_seconds = 0;
  std::vector<LatencyBar> histogram;  ///< ascending, without empty bars
};

inline constexpr std::size_t kMostExperimentExamples = 8;

struct ExperimentResult {
  std::string scenario;
  std::string name;                ///< the same in every run, unique in its scenario
  std::optional<Verdict> verdict;  ///< nothing: a measurement without data at risk
  std::string reason;
  /// Named counts, in the same order for all experiments of a scenario; they become the columns of
  /// a table.
  std::vector<std::pair<std::string, std::uint64_t>> counts;
  std::vector<std::string> examples;  ///< at most kMostExperimentExamples
  std::vector<LatencyResult> latencies;

  void add_example(std::string words) {
    if (examples.size() < kMostExperimentExamples) examples.push_back(std::move(words));
  }
};

// A NumPy program for the recommended cell, as scripts.

struct RecipeScript {
  std::string name;  ///< file name
  std::string text;  ///< Python; the first line says which jobs run it and when
};

/// In the order of execution: create.py creates the file; every job runs job.py with its function
/// write(job, records); collect.py, if needed. Empty: NumPy cannot write this way.
using Recipe = std::vector<RecipeScript>;

// The result.

/// One point of the matrix, by names.
struct CellDescription {
  std::string name;  ///< contains all axes; the same in every run, so that results can be compared
  std::string scenario;
  std::string strategy;
  std::string layout;
  std::uint64_t align_bytes = 0;
  std::string ownership;
  std::string sync;
  std::string cache;
  std::string launcher;
  std::uint64_t writers = 0;
  std::uint64_t mounts = 0;
  std::uint64_t records = 0;
  std::uint64_t record_bytes = 0;
  std::uint64_t generations = 0;
  std::uint64_t readers = 0;  ///< concurrent readers
  std::string descr = {};  ///< type of one item, as NumPy writes it; empty: unknown (version 0.1)
  /// Shape of one record in items; empty: a single item.
  std::vector<std::uint64_t> row_shape = {};

  /// True if a user's program wrote.
  bool by_program() const { return launcher == "exec"; }
  /// True if writers share no alignment unit, by construction of the layout.
  bool padded() const;
};

/// The evidence behind a verdict.
struct Evidence {
  std::uint64_t records_checked = 0;
  /// Per repetition: as planned, or fewer because of the time budget.
  std::uint64_t generations = 0;
  std::uint64_t generations_timed = 0;  ///< per repetition: timed generations, without held ones
  std::vector<std::string> read_paths;  ///< "pread@DIR"; the judge is last
  std::string judge;                    ///< the view that decides the verdict
  bool judge_uncached = true;  ///< a trial confirmed that it bypasses the node's page cache
  std::uint64_t units_shared_by_writers = 0;
  std::uint64_t units_shared_by_mounts = 0;  ///< shared between mounts with different page caches
  double overlap_seconds = 0;    ///< time in which writers (of different mounts) wrote concurrently
  double overlapped_share = 0;   ///< share of generations with such a time
  double chance_of_mistake = 0;  ///< that a damaged record is taken for correct
  /// Number of opportunities to lose an update. Packed: a unit shared by two page caches (with one
  /// cache: two writers) that both wrote in a generation in which they overlapped. Padded: a unit
  /// written while another writer wrote nearby (see count_units_at_risk). If one writer writes the
  /// file: a unit that holds records of two owners.
  std::uint64_t trials = 0;
  /// Generations with overlapping writers: opportunities for damage to the whole file.
  std::uint64_t file_trials = 0;
  std::string file_damage = {};  ///< how a writer damaged the whole file; empty: not seen
  double chance_to_miss = 1;  ///< probability that no loss was seen if one update in 1000 is lost
};

/// A probability for people: "0.99 %", "37 %", "less than 0.01 %".
std::string chance_words(double share);

/// Position statistics of damaged records; see attribution.h.
struct Attribution {
  std::uint64_t damaged = 0;  ///< evaluated damaged records, over all generations
  /// Number of them without another party's record in any unit up to 1 MiB.
  std::uint64_t unexplained = 0;
  std::uint64_t at_least_bytes = 0;  ///< no smaller alignment would have separated them
  std::uint64_t at_most_bytes = 0;   ///< this alignment would have, judged by positions; 0: unknown
  /// Smallest alignment seen to separate them, in the same run; 0: none.
  std::uint64_t separating_bytes = 0;
  std::uint64_t failing_bytes = 0;  ///< largest alignment that was unsafe in the same run; 0: none
};

struct PhaseSeconds {
  double open = 0, map = 0, first_touch = 0, write = 0, sync = 0, close = 0;
  double collect = 0;  ///< time of the writer that collects the others' records
};

struct Interval {
  double low = 0, high = 0;
};

/// Contents of the records of uncoordinated jobs (`write`), combined.
struct JobsResult {
  std::uint64_t workers = 0;
  /// Workers without a record of the last generation, ascending.
  std::vector<std::uint64_t> missing;
  std::vector<std::string> unfinished;  ///< later attempts without a record
  std::vector<std::string> hosts;
  std::vector<std::string> met;  ///< concurrent attempts at the same share
  /// Bound on clock differences between nodes, subtracted from the overlap.
  double clock_error_seconds = 0;
  std::vector<std::string> incomparable = {};  ///< hosts whose clock difference has no bound
};

/// A record as a reader saw it while it was written.
struct Sighting {
  std::string kind;  ///< "torn", "went_back", "other"
  std::uint64_t record = 0;
  std::uint64_t writer = 0;
  std::string found;
  std::string before;  ///< what the same reader last saw there as a complete record
  std::string view;    ///< "mmap@DIR"
};

/// Observations of live readers. Not part of the verdict, which concerns stored data.
struct ReadersResult {
  std::uint64_t readers = 0;
  std::uint64_t scans = 0;         ///< scans that reached the end of the file
  std::uint64_t records_read = 0;  ///< number of record reads
  std::uint64_t torn = 0;          ///< lanes of several generations, or partly zeros
  std::uint64_t went_back = 0;     ///< complete, but older than what this reader saw there before
  std::uint64_t other = 0;         ///< no complete stamp of this record
  std::vector<Sighting> examples;
  std::vector<std::string> problems;  ///< why a reader stopped

  void add_example(Sighting sighting);
  void merge(const ReadersResult& more);
  double per_million(std::uint64_t seen) const {
    return records_read == 0 ? 0
                             : 1e6 * static_cast<double>(seen) / static_cast<double>(records_read);
  }
};

/// How to race a randomly drawn cell again.
struct Replay {
  std::uint64_t seed = 0;
  std::string command;  ///< shell command; empty: the cell was planned
};

struct CellResult {
  CellDescription cell;
  Verdict verdict = Verdict::failed;
  std::string reason;
  Evidence evidence;
  AnomalyCounts anomalies;
  std::uint64_t unwritten = 0;
  std::vector<Example> examples;
  Attribution attribution;
  PageMap page_map;             ///< over all generations of all files
  std::vector<double> seconds;  ///< one per repetition
  /// One per timed generation, over all repetitions. Other load on the machine slows down some of
  /// them; the fastest show the time without it.
  std::vector<double> generation_seconds;
  std::vector<double> generation_cpu_seconds;  ///< of all writers; empty: unknown
  PhaseSeconds phases;                         ///< medians over writers
  double records_per_second = 0;               ///< median over repetitions
  Interval records_per_second_interval;        ///< confidence interval of that median
  std::uint64_t file_bytes = 0;
  std::string file;                      ///< path of the kept file (--keep); else empty
  std::optional<JobsResult> jobs;        ///< verify only, if there were any
  std::optional<ReadersResult> readers;  ///< only with --readers
  std::optional<Replay> replay;          ///< scenario soak only
};

/// A reference speed of this machine, measured in the same run.
struct ReferenceResult {
  std::string name;
  std::uint64_t bytes = 0;
  std::vector<double> seconds;
  double bytes_per_second = 0;  ///< median
  std::string problem;          ///< why a measurement is missing; else empty
};

struct MountResult {
  std::string dir;
  std::string fs_type;
  std::string mount_options;
  std::uint64_t block_bytes = 0;
  std::string promise;  ///< documented guarantee for concurrent writers
  /// The same as a keyword: "coherent", "close-to-open", "nothing", "depends".
  std::string promised;
  std::string source;                     ///< reference for the guarantee
  std::string unit;                       ///< unit of caching or locking, in words
  bool one_node = true;                   ///< not reachable from other nodes
  std::vector<std::string> option_notes;  ///< mount options that change the guarantee
  std::uint64_t stripe_bytes = 0;         ///< of new files, on Lustre; 0: not known
  std::uint64_t stripe_count = 0;  ///< objects of a new file; 0: not known, or chosen as it grows
  std::string place;  ///< "{n1}": the name of `dir` for the COMMAND of a lab; empty: no lab
};

/// Ranks of launchers mpi and ssh.
struct RanksResult {
  std::string library;             ///< "Open MPI v4.1.4", "remote shell: ssh"
  std::vector<std::string> hosts;  ///< host of each rank

  bool has_several_hosts() const { return std::set(hosts.begin(), hosts.end()).size() > 1; }
};

struct Environment {
  std::vector<MountResult> mounts;
  std::uint64_t page_bytes = 0;
  std::string kernel;
  std::string host_name;
  std::string lab;  ///< consistency model of the lab; empty: no lab
  /// "npyrace lab --model nfs": the command of the lab that the run was started in. Its directories
  /// end with it, so that advice names them by their places ({n1}). Empty: none.
  std::string lab_command;
  std::optional<RanksResult> ranks = {};
  std::string version;  ///< npyrace version
};

/// Effect of alignment on one way to write: cells that differ only in layout and alignment.
struct Separation {
  std::string strategy, cache, sync, launcher;
  std::uint64_t writers = 0;
  std::uint64_t alignments = 0;          ///< number of conclusive alignments, without packed
  std::uint64_t unsafe_up_to_bytes = 0;  ///< largest alignment seen unsafe; 0: none, or packed only
  std::uint64_t safe_from_bytes = 0;  ///< this and all larger tried alignments were safe; 0: none
  bool packed_safe = false;           ///< no alignment is needed
};

/// One number of writers in a Scaling.
struct ScalingPoint {
  std::uint64_t writers = 0;
  double records_per_second = 0;  ///< median
  Interval records_per_second_interval;
  bool counts = false;  ///< no losses, so that the throughput is valid
};

/// Effect of the number of writers: cells that differ only in it.
struct Scaling {
  std::string strategy, layout;
  std::uint64_t align_bytes = 0;
  std::string ownership, sync, cache, launcher;
  std::vector<ScalingPoint> points;  ///< ascending
  std::uint64_t knee_writers = 0;    ///< more writers brought no further throughput; 0: unknown
  std::string reason;                ///< why there is no knee, or what it means
};

struct Recommendation {
  std::string cell;  ///< empty: no recommendation
  std::string why;
  std::uint64_t align_bytes = 0;
  std::string numpy;  ///< a line of Python to paste
  /// Cells with equal throughput, within the interval, that are less simple.
  std::vector<std::string> ties;
  /// Smallest alignment from which all raced cells of the same strategy were safe; 0: unknown.
  std::uint64_t smallest_safe_bytes = 0;
  double bytes_a_record = 0;   ///< file size per record, with all padding
  std::string fastest_unsafe;  ///< the fastest unsafe cell; empty if none is faster
  double times_faster = 0;  ///< its throughput relative to the recommended cell: the cost of safety
  std::vector<std::string> missing;  ///< missing evidence, each with the command that provides it
  Recipe recipe = {};                ///< for the recommended cell
};

/// A user program that was raced.
struct ProgramResult {
  std::string strategy;  ///< strategy name of its cells: "exec" or "exec:NAME"
  std::string command;
};

/// What the time of a run went to.
struct RunSeconds {
  double total = 0;
  double races = 0;      ///< writers write, timed or held at a gate
  double checks = 0;     ///< files are read back
  double starts = 0;     ///< files are created and removed, writers start and end, caches are set
  double reference = 0;  ///< plain loops, measured beside the races
  double other = 0;      ///< trials of the system, statistics, experiments

  /// Adds all but the total and `other`.
  void add_parts(const RunSeconds& parts) {
    races += parts.races;
    checks += parts.checks;
    starts += parts.starts;
    reference += parts.reference;
  }
};

struct RunResult {
  std::string google_benchmark_json;  ///< context and benchmarks in Google Benchmark's format
  Environment environment;
  std::uint64_t seed = 0;
  std::vector<std::string> scenarios;
  std::map<std::string, std::string> labels;
  std::vector<ProgramResult> programs = {};
  bool interrupted = false;               ///< by the user or a time limit; the result is partial
  std::optional<RunSeconds> run_seconds;  ///< of run
  std::vector<CellResult> cells;
  std::vector<Separation> separations;  ///< comparisons of alignments
  std::vector<Scaling> scalings;        ///< comparisons of numbers of writers
  std::vector<ReferenceResult> references;
  std::optional<Passport> passport;           ///< of scenario semantics
  std::vector<ExperimentResult> experiments;  ///< of the other scenarios without cells
  std::vector<std::string> contradictions;    ///< between verdicts and the documented guarantee
  Recommendation recommendation;
};

}  // namespace npyrace
