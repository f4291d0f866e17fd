#include "bench/strategies/pwrite.h"

#include <vector>

#include "bench/stopwatch.h"

namespace npyrace {
namespace {

class PwriteShare final : public OpenShare {
 public:
  PwriteShare(const Share& share, PwriteStrategy::Way way, PhaseSeconds& phases)
      : record_bytes_(static_cast<std::size_t>(share.record_bytes)), way_(way) {
    Stopwatch watch;
    file_ = share.open_file(
        share.path, {.access = way.access, .data_sync = way.data_sync, .full_sync = way.full_sync});
    phases.open += watch.lap_seconds();
  }

  void write(const StridedRun& run, const std::byte* source) override {
    const bool back_to_back = run.step_bytes == record_bytes_;
    if (way_.gathered) return gather(run, source, back_to_back ? run.records : 1);
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
  /// As a program does whose records lie anywhere in memory: one part each, `records_a_call` parts
  /// a call (of which File makes as many calls as the system wants).
  void gather(const StridedRun& run, const std::byte* source, std::uint64_t records_a_call) {
    for (std::uint64_t i = 0; i < run.records; i += records_a_call) {
      parts_.clear();
      for (std::uint64_t j = i; j < i + records_a_call; ++j)
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
  PwriteStrategy::Way way_;
  std::unique_ptr<File> file_;
  std::vector<std::span<const std::byte>> parts_;
};

}  // namespace

std::unique_ptr<OpenShare> PwriteStrategy::open(const Share& share, PhaseSeconds& phases) const {
  return std::make_unique<PwriteShare>(share, way_, phases);
}

}  // namespace npyrace
