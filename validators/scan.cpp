#include "validators/scan.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include "core/base/checked.h"
#include "core/os/threads.h"
#include "validators/validator.h"

namespace npyrace {
namespace {

/// Bytes per view that a thread processes at a time: small enough for the CPU cache. A larger
/// element is read as a whole.
constexpr std::uint64_t kPieceBytes = 256 << 10;

/// Consecutive pieces of one thread: files are read ahead, and mapped, in larger parts. Depends on
/// nothing in which hosts differ, because each takes its part.
std::uint64_t pieces_in_a_run(std::uint64_t pieces, std::uint64_t parts) {
  constexpr std::uint64_t kMost = 16;
  constexpr std::uint64_t kFewestRuns = 8;
  return std::clamp<std::uint64_t>(pieces / parts / kFewestRuns, 1, kMost);
}

/// A thread takes longer to start, or to wait for, than to check fewer bytes.
constexpr std::uint64_t kBytesOfAThread = 2 << 20;

struct Extent {
  std::uint64_t offset_bytes = 0;
  std::uint64_t size_bytes = 0;
  std::uint64_t first_element = 0;
  std::uint64_t elements = 0;
};

std::uint64_t elements_in_a_piece(const ArrayMap& map) {
  return std::max<std::uint64_t>(1, kPieceBytes / std::max<std::uint64_t>(1, map.element_bytes()));
}

/// Piece 0 is the header; the others are ranges of elements.
std::uint64_t piece_count(const ArrayMap& map) {
  const std::uint64_t step = elements_in_a_piece(map);
  return 1 + (map.elements() + step - 1) / step;
}

Extent piece_extent(const ArrayMap& map, std::uint64_t number) {
  if (number == 0) return {.size_bytes = map.data_offset_bytes()};
  const std::uint64_t step = elements_in_a_piece(map);
  const std::uint64_t first = (number - 1) * step;
  const std::uint64_t elements = std::min(step, map.elements() - first);
  return {.offset_bytes = map.data_offset_bytes() + first * map.element_bytes(),
          .size_bytes = elements * map.element_bytes(),
          .first_element = first,
          .elements = elements};
}

/// Open files and findings of one thread.
class Scanner {
 public:
  explicit Scanner(const ScanRequest& request) : request_(request), judge_(open(request.judge)) {
    for (const View& view : request.views) views_.push_back(open(view));
  }

  void check(std::uint64_t number) {
    const Extent extent = piece_extent(request_.subject.map, number);
    if (number > 0 && pass_hole(extent)) return;
    const auto size_bytes = as_size(extent.size_bytes);
    Piece piece{.offset_bytes = extent.offset_bytes,
                .first_element = extent.first_element,
                .elements = extent.elements};
    if (number == 0) piece.file_bytes = request_.open_file(request_.judge.path, {})->size_bytes();
    for (std::size_t i = 0; i < views_.size(); ++i)
      piece.views.push_back({request_.views[i].label,
                             views_[i]->read(extent.offset_bytes, size_bytes),
                             request_.views[i].read_path->uncached});
    piece.judged = {request_.judge.label, judge_->read(extent.offset_bytes, size_bytes)};
    for (const ValidatorRow& row : validator_table()) row.check(request_.subject, piece, findings_);
  }

  Findings take() { return std::move(findings_); }

 private:
  /// Counts the records of a hole of the file without reading it, if all of them may be zeros. A
  /// hole that would be a loss is read, so that the file system's word alone is never a finding.
  bool pass_hole(const Extent& extent) {
    const Subject& subject = request_.subject;
    const std::uint64_t end = extent.first_element + extent.elements;
    std::uint64_t records = 0;
    for (std::uint64_t element = extent.first_element; element < end;) {
      const std::uint64_t next = std::min(end, subject.map.stretch_end(element));
      if (subject.map.is_record(element)) {
        if (!all_may_be_zeros(subject, element, next)) return false;
        records += next - element;
      }
      element = next;
    }
    if (!in_hole(extent)) return false;
    findings_.records_checked += records;
    findings_.unwritten += records;
    return true;
  }

  bool in_hole(const Extent& extent) {
    if (!holes_) holes_ = request_.open_file(request_.judge.path, {});
    const std::uint64_t end_bytes = extent.offset_bytes + extent.size_bytes;
    if (extent.offset_bytes < hole_.begin || extent.offset_bytes >= hole_.end)
      hole_ = {extent.offset_bytes,
               holes_->next_data(extent.offset_bytes).value_or(extent.offset_bytes)};
    return end_bytes <= hole_.end;
  }

  std::unique_ptr<Reader> open(const View& view) const {
    return view.read_path->open(request_.open_file, view.path);
  }

  const ScanRequest& request_;
  std::unique_ptr<Reader> judge_;
  std::vector<std::unique_ptr<Reader>> views_;
  std::unique_ptr<File> holes_;  ///< asked for holes; opened when needed
  ByteRange hole_;               ///< the last one found
  Findings findings_;
};

/// Exceptions must not leave an OpenMP region: keeps the first one, to rethrow it after the region.
class FirstError {
 public:
  template <typename Work>
  void guard(Work work) {
    if (failed_) return;
    try {
      work();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      failed_ = true;
    }
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::mutex mutex_;
  std::exception_ptr error_;
  std::atomic<bool> failed_{false};
};

}  // namespace

Findings scan(const ScanRequest& request) {
  const std::uint64_t pieces = piece_count(request.subject.map);
  const std::uint64_t shares =
      1 + request.subject.map.file_bytes() / request.parts / kBytesOfAThread;
  const int threads = startable_threads(
      static_cast<int>(std::min<std::uint64_t>(std::min(shares, pieces), omp_get_max_threads())));
  const std::uint64_t run = pieces_in_a_run(pieces, request.parts);
  Findings all;
  FirstError error;
  std::mutex merging;
  std::atomic<std::uint64_t> taken{0};
#pragma omp parallel num_threads(threads)
  error.guard([&] {
    Scanner scanner(request);
    // Distributes pieces by hand: an OpenMP work-sharing loop must not be left by an exception. A
    // thread takes the next run when it is done, because others may use its processor.
    for (std::uint64_t first; (first = run * (request.part + request.parts * taken++)) < pieces;) {
      for (std::uint64_t number = first; number < std::min(pieces, first + run); ++number) {
        if (request.cancelled()) throw ScanCancelled();
        scanner.check(number);
      }
    }
    const std::lock_guard lock(merging);
    all.merge(scanner.take());
  });
  // Idle threads of OpenMP spin for some milliseconds; they would take processors from the writers
  // of the next race. This ends them.
  if (threads > 1) omp_pause_resource_all(omp_pause_soft);
  error.rethrow();
  return all;
}

}  // namespace npyrace
