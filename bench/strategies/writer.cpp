#include "bench/strategies/writer.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

/// Maximum size of the content prepared in advance.
constexpr std::uint64_t kBufferBytes = 64 << 20;

/// The part of a run that begins at its record number `skipped`.
StridedRun part_of(const StridedRun& run, std::uint64_t skipped, std::uint64_t records) {
  return {run.first_offset_bytes + skipped * run.step_bytes, run.step_bytes, records};
}

}  // namespace

WriterRequest writer_request(const RaceOrder& order, const ArrayMap& map, std::uint64_t writer,
                             const FileOpener& open_file) {
  return {.map = map,
          .stamper = map.stamper(order.stamp_seed),
          .writer = writer,
          .path = order.path_of(writer),
          .open_file = open_file,
          .strategy = find_strategy(order.strategies[writer % order.strategies.size()]).strategy,
          .sync = parse_sync_policy(order.sync),
          .local_dir = order.local_dir};
}

WriterState state_after(const std::exception& error) {
  const auto* system_error = dynamic_cast<const SystemError*>(&error);
  const bool refused = dynamic_cast<const Refusal*>(&error) != nullptr ||
                       (system_error != nullptr && system_error->cause() == Cause::unsupported);
  return refused ? WriterState::refused : WriterState::failed;
}

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
  if (request_.strategy.together != Aggregation::single) return {request_.writer};
  std::vector<std::uint64_t> all;
  for (std::uint64_t writer = 0; writer < request_.map.writers(); ++writer) all.push_back(writer);
  return request_.writer == kCollector ? all : std::vector<std::uint64_t>{};
}

void Writer::prepare(unsigned generation) {
  generation_ = generation;
  stamp({0, std::min(buffer_records_, own_records())});
}

void Writer::stamp(Position position) {
  const ArrayMap& map = request_.map;
  const std::uint64_t record_bytes = map.record_bytes();
  std::uint64_t passed = 0;
  for (const StridedRun& run : runs_) {
    const std::uint64_t first = std::max(position.first, passed);
    const std::uint64_t end = std::min(position.first + position.records, passed + run.records);
    if (first < end) {
      const StridedRun part = part_of(run, first - passed, end - first);
      const auto place = static_cast<std::size_t>((first - position.first) * record_bytes);
      request_.stamper.fill_all(std::span(stamps_).subspan(place),
                                {.first_element = map.element_at(part.first_offset_bytes),
                                 .records = part.records,
                                 .record_bytes = record_bytes,
                                 .step_bytes = record_bytes,
                                 .element_step = part.step_bytes / map.element_bytes()},
                                generation_);
    }
    passed += run.records;
  }
  stamped_ = position;
}

WriterReport Writer::write() {
  WriterReport report;
  PhaseSeconds& phases = report.phases;
  const double cpu_before_seconds = thread_cpu_seconds();
  report.start_ns = monotonic_ns();
  const WriterSlice share{.path = request_.path,
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
  if (request_.strategy.together != Aggregation::nothing) finish_together(*open, report);
  report.cpu_seconds = thread_cpu_seconds() - cpu_before_seconds;
  request_.acknowledge(request_.map.count(request_.writer));
  return report;
}

/// Time spent waiting for others belongs to no phase.
void Writer::finish_together(WriteSession& share, WriterReport& report) {
  request_.stored();
  if (request_.writer == kCollector && request_.strategy.together == Aggregation::collect) {
    Stopwatch watch;
    share.collect(request_.sync.at_end());
    report.phases.collect = watch.lap_seconds();
    report.end_ns = monotonic_ns();
  }
  request_.collected();
}

/// With a collector or a single writer, nothing is acknowledged before it has finished.
void Writer::acknowledge(std::uint64_t records) const {
  if (request_.strategy.together == Aggregation::nothing) request_.acknowledge(records);
}

void Writer::write_all(WriteSession& share, Aside& aside) {
  std::uint64_t position = 0;
  for (const StridedRun& run : runs_) {
    write_run(share, run, position, aside);
    position += run.records;
  }
}

void Writer::write_run(WriteSession& share, const StridedRun& run, std::uint64_t position,
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

/// Maximum number of records in one call: up to the next sync and the end of the prepared content.
std::uint64_t Writer::piece_records(const WriteSession& share, std::uint64_t position,
                                    std::uint64_t left) const {
  if (position == 0 && share.first_record_alone()) return 1;
  const std::uint64_t interval = request_.sync.interval_records();
  if (interval > 0) left = std::min(left, interval - position % interval);
  return std::min(left, buffer_records_ - position % buffer_records_);
}

void Writer::write_piece(WriteSession& share, const StridedRun& piece, std::uint64_t position,
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

namespace {

struct Event {
  std::int64_t when_ns = 0;
  int change = 0;  ///< +1: begin, -1: end
  std::uint64_t party = 0;
};

using Moment = std::int64_t WriterReport::*;

/// Overlap is counted between page caches if there are several, else between writers.
std::vector<Event> events_of(std::span<const WriterReport> reports,
                             std::span<const std::uint64_t> caches, Moment end) {
  const bool many_caches = std::set(caches.begin(), caches.end()).size() > 1;
  std::vector<Event> events;
  for (std::size_t writer = 0; writer < reports.size(); ++writer) {
    const std::uint64_t party = many_caches ? caches[writer % caches.size()] : writer;
    // Counts only overlap that exists for any clock error within its bound.
    const std::int64_t begin_ns = reports[writer].write_start_ns + reports[writer].clock_error_ns;
    const std::int64_t end_ns = reports[writer].*end - reports[writer].clock_error_ns;
    events.push_back({begin_ns, +1, party});
    events.push_back({std::max(begin_ns, end_ns), -1, party});
  }
  std::ranges::sort(events, {}, [](const Event& e) { return std::pair(e.when_ns, e.change); });
  return events;
}

struct AtWork {
  std::int64_t anybody_ns = 0;
  std::int64_t several_ns = 0;
};

AtWork add_up(const std::vector<Event>& events) {
  AtWork sum;
  std::map<std::uint64_t, int> at_work;
  std::int64_t last_ns = 0;
  for (const Event& event : events) {
    if (!at_work.empty()) sum.anybody_ns += event.when_ns - last_ns;
    if (at_work.size() >= 2) sum.several_ns += event.when_ns - last_ns;
    last_ns = event.when_ns;
    if ((at_work[event.party] += event.change) == 0) at_work.erase(event.party);
  }
  return sum;
}

std::size_t count_parties(const std::vector<Event>& events) {
  std::set<std::uint64_t> parties;
  for (const Event& event : events) parties.insert(event.party);
  return parties.size();
}

}  // namespace

double overlap_seconds(std::span<const WriterReport> reports,
                       std::span<const std::uint64_t> caches) {
  const AtWork sum = add_up(events_of(reports, caches, &WriterReport::end_ns));
  return static_cast<double>(sum.several_ns) * 1e-9;
}

double together_share(std::span<const WriterReport> reports, std::span<const std::uint64_t> caches,
                      bool held) {
  const std::vector<Event> events = events_of(reports, caches, &WriterReport::written_ns);
  if (held) return count_parties(events) >= 2 ? 1 : 0;
  const AtWork sum = add_up(events);
  if (sum.anybody_ns == 0) return 0;
  return static_cast<double>(sum.several_ns) / static_cast<double>(sum.anybody_ns);
}

double elapsed_seconds(std::span<const WriterReport> reports) {
  if (reports.empty()) return 0;
  const auto start = std::ranges::min_element(reports, {}, &WriterReport::start_ns);
  const auto end = std::ranges::max_element(reports, {}, &WriterReport::end_ns);
  return static_cast<double>(end->end_ns - start->start_ns) * 1e-9;
}

}  // namespace npyrace
