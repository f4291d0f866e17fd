#include "bench/strategies/pwrite.h"

#include "bench/stopwatch.h"

namespace npyrace {
namespace {

class PwriteShare final : public OpenShare {
 public:
  PwriteShare(const Share& share, PwriteStrategy::Grouping grouping, PhaseSeconds& phases)
      : record_bytes_(static_cast<std::size_t>(share.record_bytes)), grouping_(grouping) {
    Stopwatch watch;
    file_ = share.open_file(share.path, {.access = Access::read_write});
    phases.open += watch.lap_seconds();
  }

  void write(const StridedRun& run, const std::byte* source) override {
    const bool back_to_back = run.step_bytes == record_bytes_;
    if (grouping_ == PwriteStrategy::Grouping::one_call_a_run && back_to_back) {
      file_->write_at({source, static_cast<std::size_t>(run.records) * record_bytes_},
                      run.first_offset_bytes);
      return;
    }
    std::uint64_t offset_bytes = run.first_offset_bytes;
    for (std::uint64_t i = 0; i < run.records; ++i, offset_bytes += run.step_bytes)
      file_->write_at({source + i * record_bytes_, record_bytes_}, offset_bytes);
  }

  bool first_record_alone() const override {
    return grouping_ == PwriteStrategy::Grouping::one_call_a_record;
  }

  void sync() override { file_->sync(); }
  void close() override { file_->close(); }

 private:
  std::size_t record_bytes_;
  PwriteStrategy::Grouping grouping_;
  std::unique_ptr<File> file_;
};

}  // namespace

std::unique_ptr<OpenShare> PwriteStrategy::open(const Share& share, PhaseSeconds& phases) const {
  return std::make_unique<PwriteShare>(share, grouping_, phases);
}

}  // namespace npyrace
