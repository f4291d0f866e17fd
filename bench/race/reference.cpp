#include "bench/race/reference.h"

#include <benchmark/benchmark.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <deque>
#include <sstream>

#include "bench/analysis/statistics.h"
#include "bench/storage/race_file.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

/// Google Benchmark 1.7 copies control characters and bytes that are not UTF-8 into its JSON.
std::string for_json(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return std::iscntrl(c) != 0; }, ' ');
  return with_valid_utf8(text);
}

/// Google Benchmark appends parameters ("/iterations:1/repeats:5/manual_time") to names. Results
/// are compared by name, independent of the number of repetitions, so names stay unchanged.
class PlainNames final : public benchmark::JSONReporter {
 public:
  void ReportRuns(const std::vector<Run>& reports) override {
    std::vector<Run> plain = reports;
    for (Run& run : plain) {
      run.run_name.iterations.clear();
      run.run_name.repetitions.clear();
      run.run_name.time_type.clear();
      run.run_name.function_name = for_json(run.run_name.function_name);
    }
    JSONReporter::ReportRuns(plain);
  }
};

/// Google Benchmark 1.7 crashes in its statistics if the first repetition is an error and a later
/// one is not; so after an error all later ones fail, too.
void measure(benchmark::State& state, const BenchmarkCase& one, std::string& error) {
  for (auto _ : state) {
    const Measurement measurement = error.empty() ? one.measure() : Measurement{.error = error};
    error = measurement.error;
    if (!error.empty()) {
      state.SkipWithError(for_json(error).c_str());
      break;
    }
    state.SetIterationTime(measurement.seconds);
    state.SetItemsProcessed(static_cast<std::int64_t>(measurement.items));
    state.SetBytesProcessed(static_cast<std::int64_t>(measurement.bytes));
  }
}

/// Sets all flags explicitly, so that environment variables (BENCHMARK_OUT …) have no effect.
/// Static, because Google Benchmark keeps the pointer to the program name.
void initialize() {
  static std::string arguments[] = {"npyrace",
                                    "--benchmark_enable_random_interleaving=true",
                                    "--benchmark_out=",
                                    "--benchmark_filter=.",
                                    "--benchmark_list_tests=false",
                                    "--benchmark_report_aggregates_only=false",
                                    "--benchmark_display_aggregates_only=false"};
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  int argc = static_cast<int>(argv.size());
  benchmark::Initialize(&argc, argv.data());
}

}  // namespace

std::string run_benchmarks(const std::vector<BenchmarkCase>& cases) {
  initialize();
  std::deque<std::string> errors_of_cases;
  for (const BenchmarkCase& one : cases)
    benchmark::RegisterBenchmark(one.name.c_str(),
                                 [&one, &error = errors_of_cases.emplace_back()](
                                     benchmark::State& state) { measure(state, one, error); })
        ->Iterations(1)
        ->Repetitions(static_cast<int>(one.repetitions))
        ->UseManualTime();
  std::ostringstream json;
  std::ostringstream errors;
  PlainNames reporter;
  reporter.SetOutputStream(&json);
  reporter.SetErrorStream(&errors);
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::ClearRegisteredBenchmarks();
  return json.str();
}

namespace {

constexpr std::uint64_t kBytes = 16 << 20;
constexpr std::uint64_t kCallBytes = 64 << 10;
constexpr std::uint64_t kRepetitions = 5;
constexpr const char* kCopyName = "reference/memory-copy";
constexpr const char* kWriteName = "reference/write-loop";

ReferenceResult result_of(const char* name, const Reference::Samples& samples) {
  const double middle = median(samples.seconds);
  return {.name = name,
          .bytes = kBytes,
          .seconds = samples.seconds,
          .bytes_per_second = middle > 0 ? static_cast<double>(kBytes) / middle : 0,
          .problem = samples.problem};
}

/// Times `work` and converts its exceptions to error messages.
template <typename Work>
Measurement timed(Reference::Samples& samples, Work work) {
  // After an interrupt return at once; create no more files.
  if (interrupted()) return {.error = "interrupted"};
  try {
    samples.seconds.push_back(work());
    return {.seconds = samples.seconds.back(), .items = 1, .bytes = kBytes};
  } catch (const std::exception& error) {
    samples.problem = error.what();
    return {.error = error.what()};
  }
}

}  // namespace

Reference::Reference(std::string dir, FileOpener open_file)
    : dir_(std::move(dir)), open_file_(std::move(open_file)) {}

std::vector<BenchmarkCase> Reference::cases() {
  return {{kCopyName, kRepetitions, [this] { return copy_memory(); }},
          {kWriteName, kRepetitions, [this] { return write_file(); }}};
}

std::vector<ReferenceResult> Reference::results() const {
  return {result_of(kCopyName, copy_), result_of(kWriteName, write_)};
}

Measurement Reference::copy_memory() {
  return timed(copy_, [] {
    const std::vector<std::byte> source(kBytes, std::byte{1});
    void* memory = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) throw SystemError({"anonymous memory", "mmap"}, errno);
    Stopwatch watch;
    std::memcpy(memory, source.data(), source.size());
    const double seconds = watch.lap_seconds();
    ::munmap(memory, kBytes);
    return seconds;
  });
}

Measurement Reference::write_file() {
  return timed(write_, [this] {
    const std::vector<std::byte> source(kCallBytes, std::byte{1});
    const ArrayMap map({.descr = "|u1", .records = kBytes});
    const RaceFile file({dir_}, map, open_file_);
    Stopwatch watch;
    const auto open = open_file_(file.paths().front(), {.access = Access::write});
    for (std::uint64_t done = 0; done < kBytes; done += kCallBytes) open->write_at(source, done);
    open->close();
    return watch.lap_seconds();
  });
}

}  // namespace npyrace
