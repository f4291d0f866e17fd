#include "bench/strategies/local_then_copy.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "bench/stopwatch.h"
#include "core/temporary_folder.h"

namespace npyrace {
namespace {

constexpr std::uint64_t kPieceBytes = 1 << 20;

/// A file that is gone when it is closed, whatever ends the writer.
std::unique_ptr<File> open_local(const Share& share) {
  static std::atomic<std::uint64_t> number{0};
  const std::string dir = share.local_dir.empty() ? temporary_folder() : share.local_dir;
  const std::string path = fmt::format("{}/npyrace-local-{}-{}", dir, ::getpid(), number++);
  auto file = share.open_file(path, {.access = Access::read_write, .create_new = true});
  ::unlink(path.c_str());
  return file;
}

class CopiedShare final : public OpenShare {
 public:
  CopiedShare(const Share& share, PhaseSeconds& phases) : share_(share) {
    Stopwatch watch;
    local_ = open_local(share);
    file_ = share.open_file(share.path, {.access = Access::read_write});
    phases.open += watch.lap_seconds();
  }

  void write(const StridedRun& run, const std::byte* source) override {
    const auto bytes = static_cast<std::size_t>(run.records * share_.record_bytes);
    local_->write_at({source, bytes}, stored_bytes_);
    stored_bytes_ += bytes;
    runs_.push_back(run);
  }

  bool first_record_alone() const override { return false; }

  void sync() override {
    copy();
    file_->sync();
  }

  void close() override {
    copy();
    local_->close();
    file_->close();
  }

 private:
  /// What was stored since the last time, from the local file.
  void copy() {
    for (const StridedRun& run : runs_) copy_run(run);
    runs_.clear();
  }

  void copy_run(const StridedRun& run) {
    const std::uint64_t most = std::max<std::uint64_t>(1, kPieceBytes / share_.record_bytes);
    for (std::uint64_t done = 0; done < run.records; done += most) {
      const std::uint64_t records = std::min(most, run.records - done);
      piece_.resize(static_cast<std::size_t>(records * share_.record_bytes));
      if (local_->read_at(piece_, copied_bytes_) < piece_.size())
        throw FormatError(local_->path() + ": is shorter than what was stored in it");
      copied_bytes_ += piece_.size();
      write_piece({run.first_offset_bytes + done * run.step_bytes, run.step_bytes, records});
    }
  }

  void write_piece(const StridedRun& run) {
    if (run.step_bytes == share_.record_bytes)
      return file_->write_at(piece_, run.first_offset_bytes);
    const auto record_bytes = static_cast<std::size_t>(share_.record_bytes);
    for (std::uint64_t i = 0; i < run.records; ++i)
      file_->write_at(std::span(piece_).subspan(i * record_bytes, record_bytes),
                      run.first_offset_bytes + i * run.step_bytes);
  }

  Share share_;
  std::unique_ptr<File> local_;
  std::unique_ptr<File> file_;
  std::vector<StridedRun> runs_;  ///< stored, and not copied yet
  std::uint64_t stored_bytes_ = 0;
  std::uint64_t copied_bytes_ = 0;
  std::vector<std::byte> piece_;
};

}  // namespace

std::unique_ptr<OpenShare> LocalThenCopyStrategy::open(const Share& share,
                                                       PhaseSeconds& phases) const {
  return std::make_unique<CopiedShare>(share, phases);
}

}  // namespace npyrace
