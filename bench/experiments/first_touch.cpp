#include "bench/experiments/first_touch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/histogram.hpp>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>

#include "bench/race/progress.h"
#include "bench/storage/race_file.h"
#include "bench/storage/views.h"
#include "bench/strategies/strategy.h"
#include "core/array/stamp.h"
#include "core/base/error.h"
#include "core/file/bus_guard.h"
#include "core/file/posix_file.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

constexpr double kShortest = 1e-8, kLongest = 10;
constexpr unsigned kBars = 9 * 5;

/// `samples` must be ascending and not empty.
double percentile(const std::vector<double>& samples, double share) {
  const double rank = std::ceil(share * static_cast<double>(samples.size()));
  return samples[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

std::vector<LatencyBar> bars_of(const std::vector<double>& samples) {
  namespace bh = boost::histogram;
  using Axis = bh::axis::regular<double, bh::axis::transform::log>;
  auto histogram =
      bh::make_histogram_with(std::vector<std::uint64_t>(), Axis(kBars, kShortest, kLongest));
  histogram.fill(samples);
  std::vector<LatencyBar> bars;
  for (auto&& bar : bh::indexed(histogram, bh::coverage::all)) {
    const std::uint64_t inside = *bar;
    if (inside == 0) continue;
    const bool above = bar.bin().upper() > kLongest * 1.001;
    bars.push_back({.from_seconds = std::max(0.0, bar.bin().lower()),
                    .to_seconds = above ? samples.back() : bar.bin().upper(),
                    .samples = inside});
  }
  return bars;
}

}  // namespace

LatencyResult summarize_latencies(std::string name, std::vector<double> seconds) {
  LatencyResult result{.name = std::move(name), .samples = seconds.size()};
  if (seconds.empty()) return result;
  std::ranges::sort(seconds);
  result.p50_seconds = percentile(seconds, 0.5);
  result.p90_seconds = percentile(seconds, 0.9);
  result.p99_seconds = percentile(seconds, 0.99);
  result.max_seconds = seconds.back();
  result.histogram = bars_of(seconds);
  return result;
}

namespace {

constexpr std::uint64_t kPages = 2048;
constexpr std::uint64_t kUsualRepetitions = 3;
constexpr std::size_t kAccessBytes = 8;

struct Touch {
  const char* via;
  bool writes;
};

constexpr Touch kTouches[] = {{"mmap", true}, {"mmap", false}, {"pwrite", true}, {"pread", false}};
constexpr const char* kCacheNames[] = {"cold", "warm"};

using Access8 = std::array<std::byte, kAccessBytes>;

/// An offset in the middle of the page, away from its boundaries.
std::uint64_t offset_of(std::uint64_t page) {
  return page * page_bytes() + page_bytes() / 2;
}

std::vector<std::uint64_t> shuffled_pages(std::uint64_t seed) {
  std::vector<std::uint64_t> pages(kPages);
  std::iota(pages.begin(), pages.end(), std::uint64_t{1});  // page 0 contains the header
  std::mt19937_64 dice(seed);
  std::ranges::shuffle(pages, dice);
  return pages;
}

/// Times each access separately.
template <typename Act>
void pass(const std::vector<std::uint64_t>& pages, std::vector<double>& seconds, Act act) {
  for (const std::uint64_t page : pages) {
    const std::int64_t start_ns = monotonic_ns();
    act(offset_of(page));
    seconds.push_back(static_cast<double>(monotonic_ns() - start_ns) * 1e-9);
  }
  if (interrupted()) throw Interrupted();
}

class Toucher {
 public:
  Toucher(const RunPlan& plan, const RaceContext& context, const Touch& touch, const char* cache)
      : plan_(plan), context_(context), touch_(touch), cache_(find_cache(cache)) {
    result_.scenario = "first-touch";
    result_.name = fmt::format("{}/{}/{}", touch.via, touch.writes ? "write" : "read", cache);
  }

  ExperimentResult run() {
    const std::uint64_t repetitions = plan_.repetitions.value_or(kUsualRepetitions);
    try {
      for (std::uint64_t i = 0; i < repetitions; ++i) repeat(derive_seed(plan_.seed, i));
      result_.reason =
          fmt::format("{} pages of {} bytes, {} times", kPages, page_bytes(), repetitions);
    } catch (const SystemError& error) {
      result_.verdict = error.cause() == Cause::unsupported ? Verdict::skipped : Verdict::failed;
      result_.reason = error.what();
    }
    result_.counts = {{"pages", kPages}, {"repetitions", repetitions}};
    result_.latencies = {summarize_latencies("first", first_),
                         summarize_latencies("later", later_)};
    return std::move(result_);
  }

 private:
  void repeat(std::uint64_t seed) {
    const std::vector<std::string> dirs{plan_.dirs().front()};
    const ArrayMap map({.records = (kPages + 1) * page_bytes() / 16});
    const RaceFile file(dirs, map, context_.site.open_file);
    fill(file.paths().front());
    context_.site.quiesce(Pending::all);
    cache_.prepare(file.paths(), context_.site.open_file);
    if (cache_.drops) context_.site.drop_caches();
    const std::vector<std::uint64_t> pages = shuffled_pages(seed);
    const auto opened =
        context_.site.open_file(file.paths().front(), {.access = Access::read_write});
    if (std::string_view(touch_.via) == "mmap")
      through_mapping(*opened, pages);
    else
      through_calls(*opened, pages);
  }

  /// Writes all pages: allocated but unwritten pages would not be read from the disk.
  void fill(const std::string& path) const {
    const auto file = context_.site.open_file(path, {.access = Access::read_write});
    const std::vector<std::byte> page(page_bytes(), std::byte{0x5a});
    for (std::uint64_t number = 1; number <= kPages; ++number)
      file->write_at(std::span(page).first(static_cast<std::size_t>(std::min<std::uint64_t>(
                         page.size(), file->size_bytes() - number * page_bytes()))),
                     number * page_bytes());
    file->sync();
  }

  void through_calls(File& file, const std::vector<std::uint64_t>& pages) {
    Access8 bytes{};
    const auto act = [&](std::uint64_t offset_bytes) {
      if (touch_.writes)
        file.write_at(bytes, offset_bytes);
      else
        file.read_at(bytes, offset_bytes);
    };
    pass(pages, first_, act);
    pass(pages, later_, act);
  }

  void through_mapping(File& file, const std::vector<std::uint64_t>& pages) {
    const auto mapping = file.map({.size_bytes = file.size_bytes(), .writable = touch_.writes});
    std::byte* const start = mapping->bytes().data();
    const auto act = [&](std::uint64_t offset_bytes) {
      volatile std::byte* const place = start + offset_bytes;
      const void* problem = bus_error_in([&] {
        if (touch_.writes)
          *place = std::byte{1};
        else
          (void)*place;
      });
      if (problem != nullptr) throw SystemError({file.path(), "touch", offset_bytes}, EIO);
    };
    pass(pages, first_, act);
    pass(pages, later_, act);
  }

  const RunPlan& plan_;
  const RaceContext& context_;
  const Touch& touch_;
  const CacheRow& cache_;
  ExperimentResult result_;
  std::vector<double> first_, later_;
};

}  // namespace

void first_touch(const RunPlan& plan, const RaceContext& context, RunResult& result) {
  Progress progress(std::size(kTouches) * std::size(kCacheNames), plan.verbosity);
  for (const Touch& touch : kTouches)
    for (const char* cache : kCacheNames) {
      progress.step(fmt::format("first-touch: {} {}", touch.via, cache));
      result.experiments.push_back(Toucher(plan, context, touch, cache).run());
      progress.done(0, 0);
    }
}

}  // namespace npyrace
