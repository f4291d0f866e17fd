#include "bench/strategies/collector.h"

#include <fmt/format.h>

#include <filesystem>

#include "bench/stopwatch.h"
#include "bench/strategies/record_socket.h"

namespace npyrace {
namespace {

/// The file's own name is nobody else's, and the same through every mount.
std::string socket_name(const Share& share) {
  return fmt::format("{}-{}", std::filesystem::path(share.path).filename().string(),
                     share.generation);
}

void store(File& file, const StridedRun& run, std::span<const std::byte> records) {
  const std::size_t record_bytes = records.size() / static_cast<std::size_t>(run.records);
  if (run.step_bytes == record_bytes) return file.write_at(records, run.first_offset_bytes);
  for (std::uint64_t i = 0; i < run.records; ++i)
    file.write_at(records.subspan(static_cast<std::size_t>(i) * record_bytes, record_bytes),
                  run.first_offset_bytes + i * run.step_bytes);
}

class SendingShare final : public OpenShare {
 public:
  SendingShare(const Share& share, PhaseSeconds& phases) : record_bytes_(share.record_bytes) {
    Stopwatch watch;
    sender_ = std::make_unique<RecordSender>(socket_name(share));
    phases.open += watch.lap_seconds();
  }
  void write(const StridedRun& run, const std::byte* source) override {
    sender_->send(run, source, record_bytes_);
  }
  void sync() override {}  // only the collector can promise anything
  void close() override { sender_->close(); }

 private:
  std::uint64_t record_bytes_;
  std::unique_ptr<RecordSender> sender_;
};

/// Its thread writes what others send while this one writes its own: no two write the same record.
class CollectingShare final : public OpenShare {
 public:
  CollectingShare(const Share& share, PhaseSeconds& phases) : record_bytes_(share.record_bytes) {
    Stopwatch watch;
    file_ = share.open_file(share.path, {.access = Access::read_write});
    receiver_ = std::make_unique<RecordReceiver>(
        socket_name(share), [this](const StridedRun& run, std::span<const std::byte> records) {
          store(*file_, run, records);
        });
    phases.open += watch.lap_seconds();
  }
  void write(const StridedRun& run, const std::byte* source) override {
    store(*file_, run, {source, static_cast<std::size_t>(run.records * record_bytes_)});
  }
  void sync() override {}
  void close() override {}
  void collect(bool synced) override {
    receiver_->finish();
    if (synced) file_->sync();
    file_->close();
  }

 private:
  std::uint64_t record_bytes_;
  std::unique_ptr<File> file_;
  std::unique_ptr<RecordReceiver> receiver_;  // ends before the file does
};

}  // namespace

std::unique_ptr<OpenShare> CollectorStrategy::open(const Share& share, PhaseSeconds& phases) const {
  if (share.writer == kCollector) return std::make_unique<CollectingShare>(share, phases);
  return std::make_unique<SendingShare>(share, phases);
}

}  // namespace npyrace
