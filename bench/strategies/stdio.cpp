#include "bench/strategies/stdio.h"

#include "bench/stopwatch.h"

namespace npyrace {
namespace {

class StreamShare final : public OpenShare {
 public:
  StreamShare(const Share& share, PhaseSeconds& phases)
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
  std::unique_ptr<Stream> stream_;  // ends before its file
};

}  // namespace

std::unique_ptr<OpenShare> StdioStrategy::open(const Share& share, PhaseSeconds& phases) const {
  return std::make_unique<StreamShare>(share, phases);
}

}  // namespace npyrace
