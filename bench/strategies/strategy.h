#pragma once
// How a writer moves its records into the shared file. One row and one file pair a strategy.
// See also who uses which: the table's texts are what `list strategies` prints.

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

/// What a strategy may know of one writer's part of the file.
struct Share {
  std::string path;
  FileOpener open_file;
  std::span<const StridedRun> runs;
  std::uint64_t record_bytes = 0;
  std::uint64_t element_bytes = 0;  ///< the record with its padding
  std::uint64_t file_bytes = 0;
  std::uint64_t writer = 0;
  unsigned generation = 1;
  const ArrayMap* map = nullptr;  ///< of all writers' records, for who collects them
  std::string local_dir;          ///< of this node alone
  std::uint64_t unit_bytes = 0;   ///< alignment of the layout; of a packed one what may be shared
  RankGroup* ranks = nullptr;     ///< who opens the file together; null but for launcher mpi
  bool syncs_between = false;     ///< there are syncs before the last record
};

/// The file, opened the strategy's way, by one writer. Members throw SystemError.
class OpenShare {
 public:
  virtual ~OpenShare() = default;
  /// Moves `run.records` records, which lie back to back at `source`, to their places.
  virtual void write(const StridedRun& run, const std::byte* source) = 0;
  /// Whether the first record may be moved by a call of its own, to time the first touch, without
  /// changing what the strategy does.
  virtual bool first_record_alone() const { return true; }
  /// The memory that `write` was given will be used for other records, or (`last`) there are no
  /// more: who has put off moving them does it now.
  virtual void move_all(bool /*last*/) {}
  /// After it returns, what was written is promised.
  virtual void sync() = 0;
  /// Ends the writer's business with the file; errors of the last moment show here.
  virtual void close() = 0;
  /// Of strategies that are collected, by writer 0 when every writer that lives has closed: brings
  /// all records into the file. After it returns they are promised, if `synced`.
  virtual void collect(bool /*synced*/) {}
};

/// What one writer does for all of them.
enum class Together {
  nothing,  ///< each writes its own records into the file
  collect,  ///< each stores its own elsewhere, and writer 0 collects them: no sync promises before
  single,   ///< writer 0 writes the records of all
};

/// The writer that does it.
inline constexpr std::uint64_t kCollector = 0;

/// "This cannot be done here, and that is nobody's error": the cell is skipped with the reason.
class Refusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Strategy {
 public:
  virtual ~Strategy() = default;
  /// Why no such array can be written this way, whatever the system; empty: it can.
  virtual std::string unfit_for(const ArrayMap&) const { return ""; }
  virtual Together together() const { return Together::nothing; }
  /// Adds the time taken to `phases.open` and `phases.map`. Throws SystemError or Refusal, as do
  /// the members of what it returns.
  virtual std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const = 0;
  /// Whether it trusts locks to keep others out; they are tried before it is raced.
  virtual bool needs_locks() const { return false; }
  /// Whether a group of ranks opens the file together: launcher mpi has one.
  virtual bool needs_ranks() const { return false; }
  /// Whether writers reach each other by ways that end at their host.
  virtual bool one_host_only() const { return false; }
  /// Whether it stores in a folder of this node first: `local_dir`, or that of temporary files.
  virtual bool stores_locally() const { return false; }
  /// Whether each writer's own process writes its records. Else a library may let any other do
  /// it, and nothing tells who shares a unit of the file with whom.
  virtual bool writes_where_it_runs() const { return true; }
};

struct StrategyRow {
  const char* name;
  const char* summary;
  const char* used_by;
  const char* guarantee;  ///< what POSIX, or the Linux manual pages, promise of these calls
  const char* weakness;
  const char* acknowledged_by;  ///< the call whose return promises the data, with sync `end`
  const char* numpy;            ///< how a NumPy program does it
  const Strategy& strategy;
  int effort;  ///< 0: the least to ask of a user; of equals the simpler one is recommended
  /// False: it may itself write over what is others'; then what is lost is no file system's fault.
  bool keeps_to_its_records = true;
};

/// The one table of strategies.
std::span<const StrategyRow> strategy_table();
/// "exec:NAME" is the exec of one of several programs. Throws UsageError with a suggestion.
const StrategyRow& find_strategy(std::string_view name);
/// Of a strategy, or of a mixture ("mmap+pwrite"): its parts, in the order of writers. Throws
/// UsageError, also for what cannot be mixed.
std::vector<const StrategyRow*> find_strategies(std::string_view name_or_mixture);

/// True when the error says "this file system does not do that" rather than "it went wrong": the
/// cell is skipped with the system's words.
bool is_refusal(const SystemError& error);

}  // namespace npyrace
