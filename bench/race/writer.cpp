#include "bench/race/writer.h"

#include <algorithm>

#include "bench/stopwatch.h"

namespace npyrace {
namespace {

/// The most content a writer keeps ready.
constexpr std::uint64_t kBufferBytes = 64 << 20;

/// The part of a run that starts at its record number `skipped`.
StridedRun part_of(const StridedRun& run, std::uint64_t skipped, std::uint64_t records) {
  return {run.first_offset_bytes + skipped * run.step_bytes, run.step_bytes, records};
}

}  // namespace

Writer::Writer(const WriterRequest& request) : request_(request), owners_(owners()) {
  for (const std::uint64_t owner : owners_) {
    own_records_ += request.map.count(owner);
    for (const StridedRun& run : request.map.runs(owner)) runs_.push_back(run);
  }
  const std::uint64_t record_bytes = request.map.record_bytes();
  const std::uint64_t most = std::max<std::uint64_t>(1, own_records());
  buffer_records_ = std::clamp<std::uint64_t>(kBufferBytes / record_bytes, 1, most);
  stamps_.resize(static_cast<std::size_t>(buffer_records_ * record_bytes));
}

std::vector<std::uint64_t> Writer::owners() const {
  if (request_.strategy.together() != Together::single) return {request_.writer};
  std::vector<std::uint64_t> all;
  for (std::uint64_t writer = 0; writer < request_.map.writers(); ++writer) all.push_back(writer);
  return request_.writer == kCollector ? all : std::vector<std::uint64_t>{};
}

/// Of the record at a position of what this writer writes, owner by owner.
std::uint64_t Writer::element(std::uint64_t position) const {
  auto owner = owners_.begin();
  for (; position >= request_.map.count(*owner); ++owner) position -= request_.map.count(*owner);
  return request_.map.element(*owner, position);
}

void Writer::prepare(unsigned generation) {
  generation_ = generation;
  stamp({0, std::min(buffer_records_, own_records())});
}

void Writer::stamp(Position position) {
  const auto record_bytes = static_cast<std::size_t>(request_.map.record_bytes());
  for (std::uint64_t i = 0; i < position.records; ++i) {
    const auto place = static_cast<std::size_t>(i) * record_bytes;
    request_.stamper.fill(std::span(stamps_).subspan(place, record_bytes),
                          element(position.first + i), generation_);
  }
  stamped_ = position;
}

WriterReport Writer::write() {
  WriterReport report;
  PhaseSeconds& phases = report.phases;
  const double cpu_before_seconds = thread_cpu_seconds();
  report.start_ns = monotonic_ns();
  const Share share{.path = request_.path,
                    .open_file = request_.open_file,
                    .runs = runs_,
                    .record_bytes = request_.map.record_bytes(),
                    .element_bytes = request_.map.element_bytes(),
                    .file_bytes = request_.map.file_bytes(),
                    .writer = request_.writer,
                    .generation = generation_,
                    .map = &request_.map,
                    .local_dir = request_.local_dir,
                    .unit_bytes = request_.map.request().align_bytes,
                    .ranks = request_.ranks,
                    .syncs_between = request_.sync.interval_records() > 0};
  const auto open = request_.strategy.open(share, phases);
  report.write_start_ns = monotonic_ns();
  Stopwatch watch;
  Aside aside;
  write_all(*open, aside);
  open->move_all(true);
  phases.first_touch = aside.first_touch_seconds;
  phases.write =
      watch.lap_seconds() - aside.first_touch_seconds - aside.sync_seconds - aside.stamp_seconds;
  report.written_ns = monotonic_ns();
  request_.all_written();
  watch.lap_seconds();
  if (request_.sync.at_end()) {
    open->sync();
    acknowledge(own_records());
  }
  phases.sync = aside.sync_seconds + watch.lap_seconds();
  report.write_end_ns = monotonic_ns();
  open->close();
  phases.close = watch.lap_seconds();
  report.end_ns = monotonic_ns();
  if (request_.strategy.together() != Together::nothing) finish_together(*open, report);
  report.cpu_seconds = thread_cpu_seconds() - cpu_before_seconds;
  request_.acknowledge(request_.map.count(request_.writer));
  return report;
}

/// Waiting for others is no part of any phase.
void Writer::finish_together(OpenShare& share, WriterReport& report) {
  request_.stored();
  if (request_.writer == kCollector && request_.strategy.together() == Together::collect) {
    Stopwatch watch;
    share.collect(request_.sync.at_end());
    report.phases.collect = watch.lap_seconds();
    report.end_ns = monotonic_ns();
  }
  request_.collected();
}

/// Where one writer works for all, nothing is promised before it has done its part.
void Writer::acknowledge(std::uint64_t records) const {
  if (request_.strategy.together() == Together::nothing) request_.acknowledge(records);
}

void Writer::write_all(OpenShare& share, Aside& aside) {
  std::uint64_t position = 0;
  for (const StridedRun& run : runs_) {
    write_run(share, run, position, aside);
    position += run.records;
  }
}

void Writer::write_run(OpenShare& share, const StridedRun& run, std::uint64_t position,
                       Aside& aside) {
  const std::uint64_t interval = request_.sync.interval_records();
  for (std::uint64_t done = 0; done < run.records;) {
    const std::uint64_t records = piece_records(share, position + done, run.records - done);
    write_piece(share, part_of(run, done, records), position + done, aside);
    done += records;
    if (interval == 0 || (position + done) % interval != 0) continue;
    Stopwatch watch;
    share.sync();
    acknowledge(position + done);
    aside.sync_seconds += watch.lap_seconds();
  }
}

/// As many records as may go in one call: up to the next sync, and to the end of what is stamped.
std::uint64_t Writer::piece_records(const OpenShare& share, std::uint64_t position,
                                    std::uint64_t left) const {
  if (position == 0 && share.first_record_alone()) return 1;
  const std::uint64_t interval = request_.sync.interval_records();
  if (interval > 0) left = std::min(left, interval - position % interval);
  return std::min(left, buffer_records_ - position % buffer_records_);
}

void Writer::write_piece(OpenShare& share, const StridedRun& piece, std::uint64_t position,
                         Aside& aside) {
  if (position >= stamped_.first + stamped_.records) {
    share.move_all(false);
    Stopwatch watch;
    stamp({position, std::min(buffer_records_, own_records() - position)});
    aside.stamp_seconds += watch.lap_seconds();
  }
  const std::byte* source =
      stamps_.data() + (position - stamped_.first) * request_.map.record_bytes();
  if (position != 0) return share.write(piece, source);
  Stopwatch watch;
  share.write(piece, source);
  aside.first_touch_seconds = watch.lap_seconds();
}

}  // namespace npyrace
