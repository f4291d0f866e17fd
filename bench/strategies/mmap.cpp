#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "bench/strategies/ways.h"
#include "core/base/error.h"
#include "core/file/bus_guard.h"
#include "core/file/byte_ranges.h"
#include "core/file/posix_file.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

/// The range from the first to the last byte of the writer's records.
ByteRange own_range(const WriterSlice& share) {
  ByteRange range{share.file_bytes, 0};
  for (const StridedRun& run : share.runs) {
    const std::uint64_t last = run.first_offset_bytes + (run.records - 1) * run.step_bytes;
    range.begin = std::min(range.begin, run.first_offset_bytes);
    range.end = std::max(range.end, last + share.record_bytes);
  }
  return range;
}

/// With a constant size the compiler turns memcpy into one or two moves. The run is passed by
/// value: std::byte may alias anything, so its step would otherwise be reloaded after every store.
template <std::size_t kBytes>
void store_each(std::byte* place, StridedRun run, const std::byte* source) {
  for (std::uint64_t i = 0; i < run.records; ++i, place += run.step_bytes, source += kBytes)
    std::memcpy(place, source, kBytes);
}

/// Stores records that are contiguous at `source` at equal steps from `place`.
void store_records(std::byte* place, StridedRun run, const std::byte* source,
                   std::size_t record_bytes) {
  if (run.step_bytes == record_bytes) {
    std::memcpy(place, source, static_cast<std::size_t>(run.records) * record_bytes);
    return;
  }
  switch (record_bytes) {
    case 4:
      return store_each<4>(place, run, source);
    case 8:
      return store_each<8>(place, run, source);
    case 16:
      return store_each<16>(place, run, source);
    case 32:
      return store_each<32>(place, run, source);
    case 64:
      return store_each<64>(place, run, source);
    default:
      break;
  }
  for (std::uint64_t i = 0; i < run.records; ++i, place += run.step_bytes, source += record_bytes)
    std::memcpy(place, source, record_bytes);
}

class MappedShare final : public WriteSession {
 public:
  MappedShare(const WriterSlice& share, ByteRange range, MmapVariant way, PhaseSeconds& phases)
      : record_bytes_(static_cast<std::size_t>(share.record_bytes)),
        unit_bytes_(share.unit_bytes),
        first_bytes_(range.begin),
        way_(way) {
    Stopwatch watch;
    file_ = share.open_file(share.path, {.access = Access::read_write});
    phases.open += watch.lap_seconds();
    if (range.end > range.begin)
      mapping_ = file_->map({.offset_bytes = range.begin,
                             .size_bytes = range.end - range.begin,
                             .writable = true,
                             .populate = way.populate});
    phases.map += watch.lap_seconds();
  }

  void write(const StridedRun& run, const std::byte* source) override {
    if (way_.lock_units) return write_locked(run, source);
    store(run, source);
    if (way_.sync_own_pages) written_.push_back(run);
  }

  void sync() override {
    if (!mapping_ || way_.lock_units) return;  // each unit was synced under its lock
    if (!way_.sync_own_pages) return mapping_->sync();
    for (const StridedRun& run : written_) sync_pages(run);
    written_.clear();
  }

  void close() override {
    if (mapping_) mapping_->unmap();
    file_->close();
  }

 private:
  void store(const StridedRun& run, const std::byte* source) {
    std::byte* place = mapping_->bytes().data() + (run.first_offset_bytes - first_bytes_);
    const void* lost = bus_error_in([&] { store_records(place, run, source, record_bytes_); });
    if (lost != nullptr) tell_of(static_cast<const std::byte*>(lost));
  }

  /// Writes single records, each with its whole unit locked.
  void write_locked(const StridedRun& run, const std::byte* source) {
    for (std::uint64_t i = 0; i < run.records; ++i) {
      const std::uint64_t at = run.first_offset_bytes + i * run.step_bytes;
      const std::uint64_t unit = at / unit_bytes_ * unit_bytes_;
      const std::uint64_t held = at + record_bytes_ - unit;
      file_->lock(unit, std::max(held, unit_bytes_));
      store({at, run.step_bytes, 1}, source + i * record_bytes_);
      mapping_->sync_range(at - first_bytes_, record_bytes_);
      file_->unlock(unit, std::max(held, unit_bytes_));
    }
  }

  /// Syncs each page that holds a record of the run exactly once, and no page in between.
  void sync_pages(const StridedRun& run) {
    const std::uint64_t page = page_bytes();
    std::uint64_t done_bytes = 0;  // the run is synced up to this offset
    for (std::uint64_t i = 0; i < run.records; ++i) {
      const std::uint64_t at = run.first_offset_bytes + i * run.step_bytes;
      const std::uint64_t end = at + record_bytes_;
      if (end <= done_bytes) continue;
      mapping_->sync_range(at - first_bytes_, record_bytes_);
      done_bytes = (end + page - 1) / page * page;
    }
  }

  /// Throws the error that explains a SIGBUS at `address`, which comes without an errno. Space was
  /// allocated before the race, so it can be missing only on copy-on-write file systems such as
  /// btrfs.
  [[noreturn]] void tell_of(const std::byte* address) {
    const auto offset_bytes =
        first_bytes_ + static_cast<std::uint64_t>(address - mapping_->bytes().data());
    const std::uint64_t file_bytes = file_->size_bytes();
    if (offset_bytes >= file_bytes)
      throw FormatError(fmt::format(
          "{}: the file was truncated to {} bytes while byte {} was written through a mapping",
          file_->path(), file_bytes, offset_bytes));
    throw SystemError(
        {file_->path(), "store: no space for a page of the mapping, or an I/O error", offset_bytes},
        EIO);
  }

  std::size_t record_bytes_;
  std::uint64_t unit_bytes_;
  std::uint64_t first_bytes_;
  MmapVariant way_;
  std::vector<StridedRun> written_;  ///< since the last sync; used if only own pages are synced
  std::unique_ptr<File> file_;
  std::unique_ptr<Mapping> mapping_;
};

}  // namespace

std::unique_ptr<WriteSession> open_mmap(const WriterSlice& share, PhaseSeconds& phases,
                                        MmapVariant way) {
  const ByteRange whole{0, share.file_bytes};
  return std::make_unique<MappedShare>(share, way.own_pages ? own_range(share) : whole, way,
                                       phases);
}

}  // namespace npyrace
