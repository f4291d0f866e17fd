#include <algorithm>
#include <cstring>
#include <vector>

#include "bench/strategies/ways.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

class PwriteShare final : public WriteSession {
 public:
  PwriteShare(const WriterSlice& share, PwriteVariant way, PhaseSeconds& phases)
      : record_bytes_(static_cast<std::size_t>(share.record_bytes)), way_(way) {
    Stopwatch watch;
    file_ = share.open_file(
        share.path, {.access = way.access, .data_sync = way.data_sync, .full_sync = way.full_sync});
    phases.open += watch.lap_seconds();
  }

  void write(const StridedRun& run, const std::byte* source) override {
    const bool back_to_back = run.step_bytes == record_bytes_;
    if (way_.gathered) return gather(run, source, back_to_back ? kRecordsACall : 1);
    if (way_.one_call_a_run && back_to_back)
      return write_at({source, static_cast<std::size_t>(run.records) * record_bytes_},
                      run.first_offset_bytes);
    std::uint64_t offset_bytes = run.first_offset_bytes;
    for (std::uint64_t i = 0; i < run.records; ++i, offset_bytes += run.step_bytes)
      write_at({source + i * record_bytes_, record_bytes_}, offset_bytes);
  }

  bool first_record_alone() const override { return !way_.one_call_a_run && !way_.gathered; }
  void sync() override { file_->sync(); }
  void close() override { file_->close(); }

 private:
  /// What one call of pwritev takes (IOV_MAX of Linux): longer lists would only leave the cache.
  static constexpr std::uint64_t kRecordsACall = 1024;

  /// Passes each record as a separate vector element, as a program with scattered records does,
  /// with up to `most` elements per File call.
  void gather(const StridedRun& run, const std::byte* source, std::uint64_t most) {
    for (std::uint64_t i = 0; i < run.records; i += most) {
      parts_.clear();
      for (std::uint64_t j = i; j < std::min(i + most, run.records); ++j)
        parts_.emplace_back(source + j * record_bytes_, record_bytes_);
      file_->write_gathered(parts_, run.first_offset_bytes + i * run.step_bytes);
    }
  }

  void write_at(std::span<const std::byte> data, std::uint64_t offset_bytes) {
    if (way_.each_synced) return file_->write_at_synced(data, offset_bytes);
    if (!way_.lock_records) return file_->write_at(data, offset_bytes);
    file_->lock(offset_bytes, data.size());
    file_->write_at(data, offset_bytes);
    file_->unlock(offset_bytes, data.size());
  }

  std::size_t record_bytes_;
  PwriteVariant way_;
  std::unique_ptr<File> file_;
  std::vector<std::span<const std::byte>> parts_;
};

}  // namespace

std::unique_ptr<WriteSession> open_pwrite(const WriterSlice& share, PhaseSeconds& phases,
                                          PwriteVariant way) {
  return std::make_unique<PwriteShare>(share, way, phases);
}

namespace {

/// Used by the other writers, which do not open the file.
class NoShare final : public WriteSession {
 public:
  void write(const StridedRun&, const std::byte*) override {}
  void sync() override {}
  void close() override {}
};

}  // namespace

std::unique_ptr<WriteSession> open_single(const WriterSlice& share, PhaseSeconds& phases) {
  if (share.writer != kCollector) return std::make_unique<NoShare>();
  return open_pwrite(share, phases, {.one_call_a_run = true});
}

namespace {

class StreamShare final : public WriteSession {
 public:
  StreamShare(const WriterSlice& share, PhaseSeconds& phases)
      : record_bytes_(static_cast<std::size_t>(share.record_bytes)) {
    Stopwatch watch;
    file_ = share.open_file(share.path, {.access = Access::read_write});
    stream_ = file_->stream();
    phases.open += watch.lap_seconds();
  }

  void write(const StridedRun& run, const std::byte* source) override {
    for (std::uint64_t i = 0; i < run.records; ++i)
      stream_->write_at({source + i * record_bytes_, record_bytes_},
                        run.first_offset_bytes + i * run.step_bytes);
  }

  /// The first fwrite only fills a buffer.
  bool first_record_alone() const override { return false; }

  void sync() override {
    stream_->flush();
    file_->sync();
  }

  void close() override {
    stream_->close();
    file_->close();
  }

 private:
  std::size_t record_bytes_;
  std::unique_ptr<File> file_;
  std::unique_ptr<Stream> stream_;  // must be destroyed before the file
};

}  // namespace

std::unique_ptr<WriteSession> open_stdio(const WriterSlice& share, PhaseSeconds& phases) {
  return std::make_unique<StreamShare>(share, phases);
}

namespace {

class UnitShare final : public WriteSession {
 public:
  UnitShare(const WriterSlice& share, ReadModifyWriteVariant way, PhaseSeconds& phases)
      : record_bytes_(static_cast<std::size_t>(share.record_bytes)),
        unit_bytes_(share.unit_bytes),
        file_bytes_(share.file_bytes),
        way_(way) {
    Stopwatch watch;
    file_ = share.open_file(share.path, {.access = Access::read_write});
    phases.open += watch.lap_seconds();
  }

  void write(const StridedRun& run, const std::byte* source) override {
    for (std::uint64_t i = 0; i < run.records; ++i)
      change(run.first_offset_bytes + i * run.step_bytes, source + i * record_bytes_);
  }

  void sync() override { file_->sync(); }
  void close() override { file_->close(); }

 private:
  /// Reads, changes and writes all units that the record touches; the file's last unit may be
  /// shorter.
  void change(std::uint64_t at, const std::byte* record) {
    const std::uint64_t first = at / unit_bytes_ * unit_bytes_;
    const std::uint64_t whole =
        (at + record_bytes_ - first + unit_bytes_ - 1) / unit_bytes_ * unit_bytes_;
    units_.resize(static_cast<std::size_t>(std::min(whole, file_bytes_ - first)));
    if (way_.lock_units) file_->lock(first, units_.size());
    file_->read_at(units_, first);
    std::memcpy(units_.data() + (at - first), record, record_bytes_);
    file_->write_at(units_, first);
    if (way_.lock_units) file_->unlock(first, units_.size());
  }

  std::size_t record_bytes_;
  std::uint64_t unit_bytes_;
  std::uint64_t file_bytes_;
  ReadModifyWriteVariant way_;
  std::unique_ptr<File> file_;
  std::vector<std::byte> units_;
};

}  // namespace

std::unique_ptr<WriteSession> open_read_modify_write(const WriterSlice& share, PhaseSeconds& phases,
                                                     ReadModifyWriteVariant way) {
  return std::make_unique<UnitShare>(share, way, phases);
}

}  // namespace npyrace
