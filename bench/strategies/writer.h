#pragma once
// One writer's work in one generation: open, write its records, sync, close, with the time of each.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "bench/strategies/race_order.h"
#include "bench/strategies/strategy.h"
#include "core/array/array_map.h"
#include "core/array/stamp.h"

namespace npyrace {

/// What a writer did in one generation.
struct WriterReport {
  std::int64_t start_ns = 0;  ///< CLOCK_MONOTONIC, before open
  std::int64_t end_ns = 0;    ///< after close
  std::int64_t write_start_ns = 0;
  std::int64_t written_ns = 0;    ///< after the last record, before the last sync
  std::int64_t write_end_ns = 0;  ///< after the last sync
  PhaseSeconds phases;
  double cpu_seconds = 0;  ///< of the writer's thread, user and system; 0: not known
  /// By so much these times may be off those of the others: writers on machines of their own.
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
  /// Hears after every sync (or, without any, after close) how many of the writer's first records
  /// are promised.
  std::function<void(std::uint64_t records)> acknowledge = [](std::uint64_t) {};
  /// Called in every generation after the last record and before the last sync; the time it takes
  /// is no part of any phase.
  std::function<void()> all_written = [] {};
  std::string local_dir = {};  ///< for strategies that store on the node first
  /// Of strategies in which one writer works for all. `stored` is called by every writer when it
  /// has closed and returns when all have; `collected` when writer 0 has done its part, and returns
  /// then for all. Both may throw to end a race that cannot be finished.
  std::function<void()> stored = [] {};
  std::function<void()> collected = [] {};
  RankGroup* ranks = nullptr;  ///< of the launcher mpi: who opens the file together
};

/// Holds a writer's content ready, so that making it is no part of the race.
class Writer {
 public:
  explicit Writer(const WriterRequest& request);

  /// Makes the content of a generation. A share larger than the buffer is made in parts while
  /// writing, and that time then counts.
  void prepare(unsigned generation);

  /// Writes what was prepared. Throws SystemError.
  WriterReport write();

 private:
  struct Position {
    std::uint64_t first = 0;
    std::uint64_t records = 0;
  };
  /// Time inside the write loop that is not writing.
  struct Aside {
    double first_touch_seconds = 0;
    double sync_seconds = 0;
    double stamp_seconds = 0;
  };
  void stamp(Position position);
  void write_all(OpenShare& share, Aside& aside);
  void write_run(OpenShare& share, const StridedRun& run, std::uint64_t position, Aside& aside);
  void write_piece(OpenShare& share, const StridedRun& piece, std::uint64_t position, Aside& aside);
  std::uint64_t piece_records(const OpenShare& share, std::uint64_t position,
                              std::uint64_t left) const;
  /// Whose records this writer writes: its own, everybody's, or nobody's.
  std::vector<std::uint64_t> owners() const;
  std::uint64_t own_records() const { return own_records_; }
  std::uint64_t element(std::uint64_t position) const;
  void acknowledge(std::uint64_t records) const;
  void finish_together(OpenShare& share, WriterReport& report);

  WriterRequest request_;
  std::vector<std::uint64_t> owners_;
  std::uint64_t own_records_ = 0;
  std::vector<StridedRun> runs_;
  std::vector<std::byte> stamps_;
  Position stamped_;
  std::uint64_t buffer_records_;
  unsigned generation_ = 1;
};

// Did the writers really write at the same time?
//
// Writer w goes through page cache caches[w modulo caches.size()]. Where there are several caches,
// they are who meets; where all share one, the writers are.

/// Seconds in which at least two who could meet were at work at once, from the first record to the
/// closing.
double overlap_seconds(std::span<const WriterReport> reports,
                       std::span<const std::uint64_t> caches);

/// Of the time in which anybody wrote records, the share in which at least two did, 0 to 1: so
/// much of what they share was really contended for. Who begins when the other syncs already may
/// find the other's records in the file and lose nothing, however long both were at work. In a
/// held generation everything was, if two took part at all.
double together_share(std::span<const WriterReport> reports, std::span<const std::uint64_t> caches,
                      bool held);

/// From the first start to the last end.
double elapsed_seconds(std::span<const WriterReport> reports);

}  // namespace npyrace
