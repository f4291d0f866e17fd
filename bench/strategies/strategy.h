#pragma once
// The interface of write strategies, which move a writer's records into the shared file, and the
// table of strategies with their documented guarantees.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/array/array_map.h"
#include "core/base/error.h"
#include "core/file/file.h"
#include "core/result/result.h"

namespace npyrace {

class RankGroup;

/// One writer's part of the file, as a strategy sees it.
struct WriterSlice {
  std::string path;
  FileOpener open_file;
  std::span<const StridedRun> runs;
  std::uint64_t record_bytes = 0;
  std::uint64_t element_bytes = 0;  ///< record with its padding
  std::uint64_t file_bytes = 0;
  std::uint64_t writer = 0;
  unsigned generation = 1;
  const ArrayMap* map = nullptr;  ///< of all writers' records, for collectors
  std::string local_dir;          ///< node-local folder
  /// The layout's alignment; for a packed layout the assumed shared unit.
  std::uint64_t unit_bytes = 0;
  RankGroup* ranks = nullptr;  ///< the group that opens the file together; null unless launcher mpi
  bool syncs_between = false;  ///< there are syncs before the last record
};

/// The file as opened by one writer. All members may throw SystemError.
class WriteSession {
 public:
  virtual ~WriteSession() = default;
  /// Writes `run.records` records, contiguous at `source`, to their places.
  virtual void write(const StridedRun& run, const std::byte* source) = 0;
  /// True if the first record may be written by a call of its own, to time the first touch, without
  /// changing the strategy's behaviour.
  virtual bool first_record_alone() const { return true; }
  /// Performs all deferred writes, because the caller will reuse the memory passed to `write` or,
  /// with `last`, because there are no more records.
  virtual void move_all(bool /*last*/) {}
  /// When it returns, everything written so far is acknowledged.
  virtual void sync() = 0;
  /// Closes the file; reports deferred errors.
  virtual void close() = 0;
  /// For strategies with a collector: called on writer 0 when every living writer has closed;
  /// brings all records into the file. When it returns they are acknowledged, if `synced`.
  virtual void collect(bool /*synced*/) {}
};

/// How the writers of a cell cooperate.
enum class Aggregation {
  nothing,  ///< each writes its own records into the file
  /// Each stores its records elsewhere and writer 0 collects them; no sync acknowledges data before
  /// that.
  collect,
  single,  ///< writer 0 writes the records of all
};

/// The writer that collects, or writes for all.
inline constexpr std::uint64_t kCollector = 0;

/// Thrown if a strategy is not supported here, which is not an error: the cell is skipped with this
/// reason.
class Refusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Properties of a strategy that writers and launchers need.
struct Strategy {
  /// Opens the file and adds the elapsed times to `phases.open` and `phases.map`. Throws
  /// SystemError or Refusal, as do the members of the result.
  std::unique_ptr<WriteSession> (*open)(const WriterSlice& share, PhaseSeconds& phases);
  Aggregation together = Aggregation::nothing;
  /// Why this strategy cannot write such an array on any system; empty: it can.
  std::string (*unfit_for)(const ArrayMap&) = [](const ArrayMap&) { return std::string(); };
  bool needs_locks = false;    ///< relies on locks; they are tested before it is raced
  bool needs_ranks = false;    ///< a group of ranks opens the file together; only with launcher mpi
  bool one_host_only = false;  ///< its writers communicate by means that do not reach other hosts
  /// It first stores in a node-local folder: `local_dir`, or that of temporary files.
  bool stores_locally = false;
  /// Each writer's own process writes its records. If false, a library may let another process
  /// write them, and it is unknown which writers share a unit.
  bool writes_where_it_runs = true;
};

struct StrategyRow {
  const char* name;
  const char* summary;
  const char* used_by;
  const char* guarantee;  ///< what POSIX or the Linux manual pages guarantee for these calls
  const char* weakness;
  const char* acknowledged_by;  ///< the call whose return acknowledges the data, with sync `end`
  const char* numpy;            ///< how to do it in a NumPy program
  Strategy strategy;
  int effort;  ///< effort for the user, 0 is least; among equals the simplest is recommended
  /// False if the strategy itself may overwrite records of other writers; a loss is then not the
  /// file system's fault.
  bool keeps_to_its_records = true;
};

/// The one table of strategies.
std::span<const StrategyRow> strategy_table();
/// Accepts "exec:NAME" for one of several user programs. Throws UsageError with a suggestion.
const StrategyRow& find_strategy(std::string_view name);
/// Splits a mixture ("mmap+pwrite") into its strategies, in writer order; a single name gives one.
/// Throws UsageError, also for strategies that cannot be mixed.
std::vector<const StrategyRow*> find_strategies(std::string_view name_or_mixture);

}  // namespace npyrace
