#include "tests/speed/contest.h"

#include <fmt/format.h>

#include <ctime>
#include <stdexcept>

#include "bench/analysis/statistics.h"
#include "bench/race/reference.h"
#include "core/os/stopwatch.h"

namespace npyrace::speed {
namespace {

/// The seconds of one side of a contest. Other programs on the machine hardly change processor
/// time; waiting for a disk shows only in elapsed time.
struct Samples {
  std::vector<double> clock, processor;
};

struct BothSamples {
  Samples ours, theirs;
};

double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

Measurement timed(const std::function<void()>& work, Samples& samples) {
  try {
    Stopwatch watch;
    const double start_seconds = processor_seconds();
    work();
    samples.processor.push_back(processor_seconds() - start_seconds);
    samples.clock.push_back(watch.lap_seconds());
    return {.seconds = samples.clock.back()};
  } catch (const std::exception& error) {
    return {.error = error.what()};
  }
}

std::vector<BenchmarkCase> cases_of(const std::vector<Contest>& contests, std::uint64_t repetitions,
                                    std::vector<BothSamples>& samples) {
  std::vector<BenchmarkCase> cases;
  const auto add = [&](std::string name, const auto& work, Samples& seconds) {
    cases.push_back({.name = std::move(name), .repetitions = repetitions, .measure = [&] {
                       return timed(work, seconds);
                     }});
  };
  for (std::size_t i = 0; i < contests.size(); ++i) {
    add(contests[i].name + "/ours", contests[i].ours, samples[i].ours);
    add(contests[i].name + "/theirs", contests[i].theirs, samples[i].theirs);
  }
  return cases;
}

/// Our time divided by theirs: the ratio of the medians, the smallest and the largest ratio.
struct Ratio {
  double middle = 0;
  Interval interval;
};

Ratio ratio_of(const std::vector<double>& ours, const std::vector<double>& theirs) {
  const Interval our_interval = median_interval(ours);
  const Interval their_interval = median_interval(theirs);
  return {median(ours) / median(theirs),
          {our_interval.low / their_interval.high, our_interval.high / their_interval.low}};
}

std::string line_of(const Contest& contest, const BothSamples& samples) {
  const auto& [ours, theirs] = samples;
  if (ours.clock.empty() || theirs.clock.empty())
    throw std::runtime_error(contest.name + " was not measured");
  const Ratio clock = ratio_of(ours.clock, theirs.clock);
  const Ratio processor = ratio_of(ours.processor, theirs.processor);
  return fmt::format("{:<44} {:>9.1f} {:>9.1f} {:>6.2f} {:>6.2f} {:>5.2f}-{:<5.2f} {}\n",
                     contest.name, median(ours.clock) * 1e6, median(theirs.clock) * 1e6,
                     clock.middle, processor.middle, processor.interval.low,
                     processor.interval.high, contest.rival);
}

}  // namespace

std::string run_contests(const std::vector<Contest>& contests, std::uint64_t repetitions) {
  std::vector<BothSamples> samples(contests.size());
  run_benchmarks(cases_of(contests, repetitions, samples));
  std::string table = fmt::format("{:<44} {:>9} {:>9} {:>6} {:>6} {:<11} {}\n",
                                  "microseconds; ratios are ours/theirs", "ours", "theirs", "clock",
                                  "cpu", "    it is in", "they are");
  for (std::size_t i = 0; i < contests.size(); ++i) table += line_of(contests[i], samples[i]);
  return table;
}

}  // namespace npyrace::speed
