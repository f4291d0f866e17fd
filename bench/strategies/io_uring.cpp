#include "bench/strategies/ways.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

class QueuedShare final : public WriteSession {
 public:
  QueuedShare(const WriterSlice& share, PhaseSeconds& phases)
      : record_bytes_(static_cast<std::size_t>(share.record_bytes)) {
    Stopwatch watch;
    file_ = share.open_file(share.path, {.access = Access::read_write});
    queue_ = file_->write_queue();
    phases.open += watch.lap_seconds();
  }

  void write(const StridedRun& run, const std::byte* source) override {
    for (std::uint64_t i = 0; i < run.records; ++i)
      queue_->add({source + i * record_bytes_, record_bytes_},
                  run.first_offset_bytes + i * run.step_bytes);
  }

  bool first_record_alone() const override { return false; }

  void sync() override {
    queue_->drain();
    file_->sync();
  }

  void close() override {
    queue_->drain();
    queue_.reset();
    file_->close();
  }

 private:
  std::size_t record_bytes_;
  std::unique_ptr<File> file_;
  std::unique_ptr<WriteQueue> queue_;  // must be destroyed before the file
};

}  // namespace

std::unique_ptr<WriteSession> open_io_uring(const WriterSlice& share, PhaseSeconds& phases) {
  return std::make_unique<QueuedShare>(share, phases);
}

}  // namespace npyrace
