#pragma once
// The array of one cell: makes files of it, starts writers on them, reads them back, and holds what
// the races reveal about it (the header and content that a program makes, where writers ran).

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "bench/launchers/exec_program.h"
#include "bench/plan/plan.h"
#include "bench/race/site.h"
#include "bench/storage/race_file.h"
#include "core/result/attribution.h"
#include "validators/scan.h"
#include "validators/truth.h"

namespace npyrace {

/// The content that a user's program leaves without concurrency.
struct SerialTruth {
  /// The request with observed ownership: the last writer that changed a record owns it.
  ArrayRequest array;
  Truth truth;
  std::vector<std::uint64_t> idle = {};  ///< writers that changed nothing, ascending
  /// The first record that more than one writer changed; empty: none.
  std::optional<std::uint64_t> first_shared = {};
};

class CellFiles {
 public:
  /// `cell` must be an element of plan.cells; all three must outlive this object.
  CellFiles(const RunPlan& plan, const Cell& cell, const RaceContext& context);

  const RunPlan& plan() const { return plan_; }
  const Cell& cell() const { return cell_; }
  const RaceContext& context() const { return context_; }
  const ArrayMap& map() const { return map_; }
  /// With --expect serial, once it has been learned (program_alone.h).
  const std::optional<SerialTruth>& truth() const { return truth_; }
  std::size_t cache_count() const { return cache_count_; }
  /// Units shared by writers, and those in which an update can be lost.
  const UnitCounts& units() const { return units_; }
  /// Writers that may have overwritten each other's records.
  Parties parties() const { return cell_.contended() ? Parties(caches_) : Parties::one(); }
  /// The view that decided the last verdict, and all others that were read.
  const std::optional<View>& judge() const { return judge_; }
  const std::vector<View>& views() const { return views_; }
  bool runs_program() const { return cell_.description.by_program(); }

  /// Makes a new file, by ourselves or by the user's program, and waits until it is stored: the
  /// creator's writes are no part of the race.
  std::unique_ptr<RaceFile> make();

  /// A seed for one file, independent of the run's seed: stale blocks of a deleted file that the
  /// file system reuses are then recognised as foreign.
  std::uint64_t fresh_stamp_seed() const;

  /// The request that is sent to writers: with the header of the actual file.
  ArrayRequest array_as_made() const;
  LaunchRequest launch_request(const RaceFile& file, std::uint64_t stamp_seed,
                               std::uint64_t most_generations) const;
  GenerationReport run_alone(LaunchRequest request, std::uint64_t writer) const;

  /// Waits until closed writes are stored, and reads the file in the judge's view and, if
  /// `every_view`, in all others. Throws SystemError and ScanCancelled.
  Findings read_back(const RaceFile& file, const Expectation& expectation, std::uint64_t stamp_seed,
                     bool every_view);

  /// The user's create command.
  ExecCreateRequest create_request() const;

  /// Takes over an array that a program has made.
  void adopt_array(const ArrayRequest& array);
  void adopt_truth(SerialTruth truth);

  /// Takes over the header of a file that a program has made: it may differ from ours in its bytes
  /// but not in meaning, and the data offset then differs.
  void adopt_header(const std::string& path);

  /// Takes over the page cache of each writer, known only after a generation. A scheduler may place
  /// tasks differently each time: the minimum of shared units counts.
  void adopt_caches(const std::vector<std::uint64_t>& caches);

 private:
  UnitCounts count_shared(const std::vector<std::uint64_t>& caches) const;
  ArrayMaker maker() const;
  Findings compare_with_content(const Expectation& expectation, const View& judge) const;

  const RunPlan& plan_;
  const Cell& cell_;
  const RaceContext& context_;
  ArrayMap map_;
  std::optional<SerialTruth> truth_;
  std::vector<std::uint64_t> caches_;
  std::size_t cache_count_;
  bool knows_caches_ = false;  ///< writers have reported them
  UnitCounts units_;
  std::optional<View> judge_;
  std::vector<View> views_;
};

}  // namespace npyrace
