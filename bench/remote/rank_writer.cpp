#include "bench/remote/rank_writer.h"

#include "bench/storage/race_file.h"
#include "bench/strategies/race_error.h"
#include "core/base/error.h"
#include "core/os/signals.h"

namespace npyrace {
namespace {

/// Another rank has failed; the rest of this generation is skipped.
struct LeftAlone {};

constexpr unsigned kStartMeetings = 2;

}  // namespace

RankWriter::RankWriter(const RaceOrder& order, RankGroup& group, const FileOpener& open_file)
    : group_(group), map_(order.array) {
  WriterRequest request = writer_request(order, map_, group.rank(), open_file);
  wait_until_visible(order.paths.front(), request.path, map_.file_bytes());
  request.acknowledge = [this](std::uint64_t records) { report_.acknowledged_records = records; };
  request.all_written = [this] { meet_written(report_.begun); };
  request.stored = [this] { meet(true, Wait::long_wait); };
  request.collected = [this] { meet_collected(); };
  request.ranks = &group_;
  meets_to_collect_ = request.strategy.together != Aggregation::nothing;
  writer_ = std::make_unique<Writer>(request);
}

RankReport RankWriter::race(unsigned generation) {
  met_ = 0;
  try {
    write(generation);
  } catch (const Interrupted&) {
    throw;
  } catch (const RaceError&) {
    throw;
  } catch (const LeftAlone&) {
  } catch (const std::exception& error) {
    report_.state = state_after(error);
    report_.message = error.what();
  }
  while (met_ < meetings_of(generation)) {
    const bool others_depend_on_it = met_ < kStartMeetings || group_.rank() == kCollector;
    meet(!others_depend_on_it, Wait::long_wait);
  }
  return report_;
}

void RankWriter::write(unsigned generation) {
  writer_->prepare(generation);
  meet_start();
  report_.acknowledged_records = 0;
  report_.begun = generation;
  report_.report = writer_->write();
  report_.finished = generation;
}

/// Two barriers: a rank that slept in the first one may wake up late, and all must start at the
/// same time.
void RankWriter::meet_start() {
  const bool all_there = meet(true, Wait::long_wait);
  const bool all_awake = meet(all_there, Wait::short_wait);
  if (!all_awake) throw LeftAlone();
}

void RankWriter::meet_written(unsigned generation) {
  if (is_held(generation)) meet(true, Wait::long_wait);
}

/// Only writer 0 does work on which the others depend.
void RankWriter::meet_collected() {
  if (!meet(true, Wait::long_wait, Needs::collector)) throw LeftAlone();
}

bool RankWriter::meet(bool well, Wait wait, Needs needs) {
  ++met_;
  return group_.meet(well, wait, needs);
}

/// Two barriers at the start, one after the last record of a synchronized generation, and with a
/// collector one when all have stored and one after the collection.
unsigned RankWriter::meetings_of(unsigned generation) const {
  return kStartMeetings + (is_held(generation) ? 1 : 0) + (meets_to_collect_ ? 2 : 0);
}

}  // namespace npyrace
