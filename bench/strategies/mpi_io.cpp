#include <algorithm>
#include <exception>
#include <vector>

#include "bench/strategies/rank_group.h"
#include "bench/strategies/ways.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

class MpiIoShare final : public WriteSession {
 public:
  MpiIoShare(const WriterSlice& share, MpiIoVariant way, PhaseSeconds& phases)
      : ranks_(*share.ranks),
        record_bytes_(static_cast<std::size_t>(share.record_bytes)),
        collective_(way.collective) {
    Stopwatch watch;
    file_ = ranks_.open(share.path);
    if (way.atomic) file_->set_atomic();
    phases.open += watch.lap_seconds();
  }

  void write(const StridedRun& run, const std::byte* source) override {
    const bool back_to_back = run.step_bytes == record_bytes_;
    const std::uint64_t calls = back_to_back ? 1 : run.records;
    const std::size_t bytes = back_to_back ? run.records * record_bytes_ : record_bytes_;
    for (std::uint64_t i = 0; i < calls; ++i)
      write_piece({run.first_offset_bytes + i * run.step_bytes, source + i * record_bytes_, bytes});
  }

  bool first_record_alone() const override { return false; }

  /// Ranks with more records need more collective calls; the others take part without data.
  void move_all(bool last) override {
    if (!collective_) return;
    do {
      std::ranges::sort(pieces_, {}, &FilePiece::offset_bytes);
      note([&] { file_->write_all(pieces_); });
      pieces_.clear();
    } while (!ranks_.meet(last, Wait::short_wait) && last);
  }

  void sync() override {
    note([&] { file_->sync(); });
    rethrow();
  }

  void close() override {
    note([&] { file_->close(); });
    rethrow();
  }

 private:
  void write_piece(const FilePiece& piece) {
    if (collective_) return pieces_.push_back(piece);
    if (!error_)
      note([&] { file_->write_at({piece.source, piece.size_bytes}, piece.offset_bytes); });
  }

  template <typename Work>
  void note(Work work) {
    try {
      work();
    } catch (const std::exception&) {
      if (!error_) error_ = std::current_exception();
    }
  }

  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

  RankGroup& ranks_;
  std::size_t record_bytes_;
  bool collective_;
  std::unique_ptr<RankFile> file_;
  std::vector<FilePiece> pieces_;
  std::exception_ptr error_;  ///< the first error
};

}  // namespace

std::unique_ptr<WriteSession> open_mpi_io(const WriterSlice& share, PhaseSeconds& phases,
                                          MpiIoVariant way) {
  if (share.ranks == nullptr) throw Refusal("MPI-IO needs ranks: --launcher mpi");
  if (share.syncs_between)
    throw Refusal("MPI_File_sync is a call of all ranks together: --sync end, or none");
  return std::make_unique<MpiIoShare>(share, way, phases);
}

}  // namespace npyrace
