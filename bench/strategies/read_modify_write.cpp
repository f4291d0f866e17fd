#include "bench/strategies/read_modify_write.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "bench/stopwatch.h"

namespace npyrace {
namespace {

class UnitShare final : public OpenShare {
 public:
  UnitShare(const Share& share, ReadModifyWriteStrategy::Way way, PhaseSeconds& phases)
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
  /// All units that the record touches; the file's last one may be cut short.
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
  ReadModifyWriteStrategy::Way way_;
  std::unique_ptr<File> file_;
  std::vector<std::byte> units_;
};

}  // namespace

std::unique_ptr<OpenShare> ReadModifyWriteStrategy::open(const Share& share,
                                                         PhaseSeconds& phases) const {
  return std::make_unique<UnitShare>(share, way_, phases);
}

}  // namespace npyrace
