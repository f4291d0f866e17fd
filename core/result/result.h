#pragma once
// What a scenario found out that races no cells: one form for all of them.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result/findings.h"
#include "core/result/passport.h"
#include "core/result/verdict.h"

namespace npyrace {

/// How many of the samples took from `from_seconds` to less than `to_seconds`.
struct LatencyBar {
  double from_seconds = 0, to_seconds = 0;
  std::uint64_t samples = 0;
};

/// How long one kind of act took, over many of it.
struct LatencyResult {
  std::string name;  ///< "first write"
  std::uint64_t samples = 0;
  double p50_seconds = 0, p90_seconds = 0, p99_seconds = 0, max_seconds = 0;
  std::vector<LatencyBar> histogram;  ///< ascending, without empty bars
};

inline constexpr std::size_t kMostExperimentExamples = 8;

struct ExperimentResult {
  std::string scenario;
  std::string name;                ///< stable from run to run, and unique in its scenario
  std::optional<Verdict> verdict;  ///< nothing: it was a measurement, no data were at stake
  std::string reason;
  /// In the words of the scenario, in its order: the same for all its experiments, which become
  /// the columns of a table.
  std::vector<std::pair<std::string, std::uint64_t>> counts;
  std::vector<std::string> examples;  ///< at most kMostExperimentExamples
  std::vector<LatencyResult> latencies;

  void add_example(std::string words) {
    if (examples.size() < kMostExperimentExamples) examples.push_back(std::move(words));
  }
};

// A NumPy program to paste, as the scripts it consists of.

struct RecipeScript {
  std::string name;  ///< of its file
  std::string text;  ///< Python; its first line says who runs it, and when
};

/// In the order they are run: create.py makes the file; job.py is run by every job and has a
/// function write(job, records); collect.py, where the way needs it. Empty: NumPy has no such way
/// to write.
using Recipe = std::vector<RecipeScript>;

// The result of a run as plain values: bench fills them in, reports only format them.

/// One point of the matrix, in words.
struct CellDescription {
  std::string name;  ///< all axes: stable from run to run, so that results can be compared
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
  std::uint64_t readers = 0;  ///< that looked at the file meanwhile
  std::string descr = {};     ///< of one item, as NumPy writes it; empty: not known (version 0.1)
  std::vector<std::uint64_t> row_shape = {};  ///< items of one record; empty: one
};

/// Why a verdict can be believed.
struct Evidence {
  std::uint64_t records_checked = 0;
  std::uint64_t generations = 0;  ///< of each repetition: as planned, or fewer where time was short
  std::uint64_t generations_timed = 0;  ///< of each repetition, in its seconds: held ones are not
  std::vector<std::string> read_paths;  ///< "pread@DIR", the judge last
  std::string judge;                    ///< the view that decides
  bool judge_uncached = true;           ///< it was seen to read past the page cache of its node
  std::uint64_t units_shared_by_writers = 0;
  std::uint64_t units_shared_by_mounts = 0;  ///< mounts with page caches of their own
  double overlap_seconds = 0;    ///< time in which writers (of different mounts) wrote at once
  double overlapped_share = 0;   ///< of all generations: those in which there was such a time
  double chance_of_mistake = 0;  ///< that a damaged record passes for right
  /// Times that an update could have been lost. Packed: a unit that two page caches (with one
  /// cache: two writers) share, written by both in a generation in which they overlapped. Padded: a
  /// unit written while another writer wrote close by (see count_units_at_risk). Where one writer
  /// writes the file: a unit that holds records of two.
  std::uint64_t trials = 0;
  /// Generations in which writers overlapped: so many chances to see what strikes a whole file.
  std::uint64_t file_trials = 0;
  std::string struck_file = {};  ///< what a writer did to the whole file; empty: nothing was seen
  double chance_to_miss = 1;     ///< that of updates lost once in 1000 trials none was seen
};

/// What damaged records have in common; see attribution.h.
struct Attribution {
  std::uint64_t damaged = 0;      ///< records looked at, over all generations
  std::uint64_t unexplained = 0;  ///< of them: in no unit up to 1 MiB with another party's record
  std::uint64_t at_least_bytes = 0;  ///< no smaller alignment would have separated them
  std::uint64_t at_most_bytes = 0;  ///< this would have, as far as their places show; 0: no telling
  std::uint64_t separating_bytes = 0;  ///< the smallest seen to, in the same run; 0: none was
  std::uint64_t failing_bytes = 0;     ///< the largest that was unsafe in the same run; 0: none was
};

struct PhaseSeconds {
  double open = 0, map = 0, first_touch = 0, write = 0, sync = 0, close = 0;
  double collect = 0;  ///< bringing together what writers have stored apart, by one of them
};

struct Interval {
  double low = 0, high = 0;
};

/// What uncoordinated jobs (`write`) said of themselves.
struct JobsResult {
  std::uint64_t workers = 0;
  std::vector<std::uint64_t> missing;   ///< have not reported the last generation, ascending
  std::vector<std::string> unfinished;  ///< attempts that began after that and did not report
  std::vector<std::string> hosts;
  std::vector<std::string> met;    ///< two attempts at one share at the same time
  double clock_error_seconds = 0;  ///< by which nodes' clocks may differ: taken off the overlap
  std::vector<std::string> incomparable = {};  ///< hosts whose clocks nothing bounds
};

/// What a record looked like to somebody who read it while it was written.
struct Sighting {
  std::string kind;  ///< "torn", "went_back", "other"
  std::uint64_t record = 0;
  std::uint64_t writer = 0;
  std::string found;
  std::string before;  ///< what the same reader saw there last, whole
  std::string view;    ///< "mmap@DIR"
};

/// What readers saw while writers wrote. No part of the verdict: that is about what is stored.
struct ReadersResult {
  std::uint64_t readers = 0;
  std::uint64_t scans = 0;         ///< that came to the end of the file
  std::uint64_t records_read = 0;  ///< looks at a record
  std::uint64_t torn = 0;          ///< lanes of several generations, or partly zeros
  std::uint64_t went_back = 0;     ///< whole, and older than what this reader saw there before
  std::uint64_t other = 0;         ///< no whole stamps of the record's own
  std::vector<Sighting> examples;
  std::vector<std::string> problems;  ///< why a reader did not go on

  void add_example(Sighting sighting);
  void merge(const ReadersResult& more);
  double per_million(std::uint64_t seen) const {
    return records_read == 0 ? 0
                             : 1e6 * static_cast<double>(seen) / static_cast<double>(records_read);
  }
};

/// How to race a cell again that was drawn at random.
struct Replay {
  std::uint64_t seed = 0;
  std::string command;  ///< for a shell; empty: the cell was planned
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
  PageMap page_map;             ///< damage of all generations of all files
  std::vector<double> seconds;  ///< one per repetition
  /// One per generation that was let run, of all repetitions: neighbours on the machine stretch
  /// some, and the quick ones among them tell what it can do when left alone.
  std::vector<double> generation_seconds;
  std::vector<double> generation_cpu_seconds;  ///< of all writers; empty where not known
  PhaseSeconds phases;                         ///< medians over writers
  double records_per_second = 0;               ///< median over repetitions
  Interval records_per_second_interval;        ///< what the median may be
  std::uint64_t file_bytes = 0;
  std::string file;                      ///< where it was left, with --keep; else empty
  std::optional<JobsResult> jobs;        ///< of verify, where there were any
  std::optional<ReadersResult> readers;  ///< with --readers
  std::optional<Replay> replay;          ///< of scenario soak, which keeps only what went wrong
};

/// What this machine does at its best, in the same run.
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
  std::string promise;   ///< what the file system's own documentation says about shared writers
  std::string promised;  ///< the same in a word: "coherent", "close-to-open", "nothing", "depends"
  std::string source;    ///< of the promise
  std::string unit;      ///< in which the file system caches or locks, in words
  bool one_node = true;  ///< nobody reaches it from another node
  std::vector<std::string> option_notes;  ///< on mount options that change the promise
};

/// The ranks of a run with launchers mpi and ssh.
struct RanksResult {
  std::string library;             ///< "Open MPI v4.1.4", "remote shell: ssh"
  std::vector<std::string> hosts;  ///< of each rank
};

struct Environment {
  std::vector<MountResult> mounts;
  std::uint64_t page_bytes = 0;
  std::string kernel;
  std::string host_name;
  std::string lab;  ///< the model, when the mounts are a lab's; else empty
  std::optional<RanksResult> ranks = {};
  std::string version;  ///< of npyrace
};

/// What alignment did for one way to write: cells that differ in nothing but layout and alignment.
struct Separation {
  std::string strategy, cache, sync, launcher;
  std::uint64_t writers = 0;
  std::uint64_t alignments = 0;  ///< different ones that gave an answer, not counting packed
  std::uint64_t unsafe_up_to_bytes =
      0;  ///< the largest alignment seen unsafe; 0: none, or packed only
  std::uint64_t safe_from_bytes = 0;  ///< this and all larger ones tried were safe; 0: none was
  bool packed_safe = false;           ///< no alignment is needed
};

/// One number of writers of a Scaling.
struct ScalingPoint {
  std::uint64_t writers = 0;
  double records_per_second = 0;  ///< median
  Interval records_per_second_interval;
  bool counts = false;  ///< nothing was lost, so that its speed is worth something
};

/// What more writers brought: cells that differ in nothing but their number.
struct Scaling {
  std::string strategy, layout;
  std::uint64_t align_bytes = 0;
  std::string ownership, sync, cache, launcher;
  std::vector<ScalingPoint> points;  ///< ascending
  std::uint64_t knee_writers = 0;    ///< more than so many brought nothing; 0: no telling
  std::string reason;                ///< why there is no knee, or what it means
};

struct Recommendation {
  std::string cell;  ///< empty: nothing to recommend
  std::string why;
  std::uint64_t align_bytes = 0;
  std::string numpy;              ///< a line to paste
  std::vector<std::string> ties;  ///< cells that are as fast within the interval, and less simple
  std::uint64_t smallest_safe_bytes = 0;  ///< of the cell's strategy: this alignment and all larger
                                          ///< ones raced were safe; 0: none was, or none was raced
  double bytes_a_record = 0;              ///< of the file with all its padding
  std::string fastest_unsafe;             ///< the fastest unsafe cell; empty where none is faster
  double times_faster = 0;                ///< as fast as the advice it is: what safety costs
  std::vector<std::string> missing;       ///< evidence, each with the command that brings it
  Recipe recipe = {};                     ///< of the cell
};

/// A program of the user's that was raced.
struct ProgramResult {
  std::string strategy;  ///< of its cells: "exec" or "exec:NAME"
  std::string command;
};

struct RunResult {
  std::string google_benchmark_json;  ///< context and benchmarks, as Google Benchmark writes them
  Environment environment;
  std::uint64_t seed = 0;
  std::vector<std::string> scenarios;
  std::map<std::string, std::string> labels;
  std::vector<ProgramResult> programs = {};
  bool interrupted = false;  ///< by the user or a time limit: what was measured until then
  std::vector<CellResult> cells;
  std::vector<Separation> separations;  ///< where alignments were compared
  std::vector<Scaling> scalings;        ///< where numbers of writers were compared
  std::vector<ReferenceResult> references;
  std::optional<Passport> passport;           ///< of scenario semantics
  std::vector<ExperimentResult> experiments;  ///< of the other scenarios that race no cells
  std::vector<std::string> contradictions;    ///< between verdicts and the file system's promise
  Recommendation recommendation;
};

}  // namespace npyrace
