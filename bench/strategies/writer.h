#pragma once
// One writer's work in one generation (open, write, sync, close) with the time of each phase, and
// the measurement of how much writers overlapped.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "bench/strategies/race_error.h"
#include "bench/strategies/race_order.h"
#include "bench/strategies/strategy.h"
#include "core/array/array_map.h"
#include "core/array/stamp.h"

namespace npyrace {

/// Times of one writer in one generation.
struct WriterReport {
  std::int64_t start_ns = 0;  ///< CLOCK_MONOTONIC, before open
  std::int64_t end_ns = 0;    ///< after close
  std::int64_t write_start_ns = 0;
  std::int64_t written_ns = 0;    ///< after the last record, before the last sync
  std::int64_t write_end_ns = 0;  ///< after the last sync
  PhaseSeconds phases;
  double cpu_seconds = 0;  ///< CPU time of the writer's thread, user and system; 0: unknown
  /// Error bound of these times relative to those of other writers, for writers on other machines.
  std::int64_t clock_error_ns = 0;
};

struct WriterRequest {
  const ArrayMap& map;
  Stamper stamper;
  std::uint64_t writer = 0;
  std::string path;
  FileOpener open_file;
  const Strategy& strategy;
  SyncPolicy sync;
  /// Receives the number of the writer's first records that are acknowledged, after every sync or,
  /// with sync none, after close.
  std::function<void(std::uint64_t records)> acknowledge = [](std::uint64_t) {};
  /// Called in every generation after the last record and before the last sync; excluded from all
  /// phases.
  std::function<void()> all_written = [] {};
  std::string local_dir = {};  ///< node-local folder for strategies that store there first
  /// For strategies with a collector. Each writer calls `stored` after close; it returns when all
  /// have called it. `collected` is called when writer 0 has collected, and then returns on all
  /// writers. Both may throw to end a race that cannot finish.
  std::function<void()> stored = [] {};
  std::function<void()> collected = [] {};
  RankGroup* ranks = nullptr;  ///< launcher mpi: the group that opens the file together
};

/// One writer of an order, without its callbacks. Parses the names in the order. Writers use the
/// strategies of a mixture in turn. Throws UsageError.
WriterRequest writer_request(const RaceOrder& order, const ArrayMap& map, std::uint64_t writer,
                             const FileOpener& open_file);

/// How a writer ends that throws `error`: refused if the system has no such operation.
WriterState state_after(const std::exception& error);

/// Prepares a writer's content in advance, so that generating it is not part of the race.
class Writer {
 public:
  explicit Writer(const WriterRequest& request);

  /// Generates the content of a generation. A share that exceeds the buffer is generated in parts
  /// during the write: that time is no part of phases.write, but of the elapsed time.
  void prepare(unsigned generation);

  /// Writes the prepared content. Throws SystemError.
  WriterReport write();

 private:
  struct Position {
    std::uint64_t first = 0;
    std::uint64_t records = 0;
  };
  /// Time within the write loop that is not spent writing.
  struct Aside {
    double first_touch_seconds = 0;
    double sync_seconds = 0;
    double stamp_seconds = 0;
  };
  void stamp(Position position);
  void write_all(WriteSession& share, Aside& aside);
  void write_run(WriteSession& share, const StridedRun& run, std::uint64_t position, Aside& aside);
  void write_piece(WriteSession& share, const StridedRun& piece, std::uint64_t position,
                   Aside& aside);
  std::uint64_t piece_records(const WriteSession& share, std::uint64_t position,
                              std::uint64_t left) const;
  /// Writers whose records this one writes: itself, all, or none.
  std::vector<std::uint64_t> owners() const;
  std::uint64_t own_records() const { return own_records_; }
  void acknowledge(std::uint64_t records) const;
  void finish_together(WriteSession& share, WriterReport& report);

  WriterRequest request_;
  std::vector<std::uint64_t> owners_;
  std::uint64_t own_records_ = 0;
  std::vector<StridedRun> runs_;
  std::vector<std::byte> stamps_;
  Position stamped_;
  std::uint64_t buffer_records_;
  unsigned generation_ = 1;
};

// Overlap of writers in time.
//
// Writer w uses page cache caches[w modulo caches.size()]. If there are several caches, overlap is
// counted between caches, otherwise between writers.

/// Seconds in which at least two of these (caches or writers) were active, from the first record
/// until close.
double overlap_seconds(std::span<const WriterReport> reports,
                       std::span<const std::uint64_t> caches);

/// Share of the time in which any writer wrote records in which at least two did, 0 to 1: the
/// contended part of the shared units. A writer that begins while another already syncs may find
/// its records in the file and lose nothing, however long both are active. A synchronized
/// generation counts as 1 if at least two took part.
double together_share(std::span<const WriterReport> reports, std::span<const std::uint64_t> caches,
                      bool held);

/// From the earliest start to the latest end, in seconds.
double elapsed_seconds(std::span<const WriterReport> reports);

}  // namespace npyrace
