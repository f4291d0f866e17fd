#include "bench/benchmark_driver.h"

#include <benchmark/benchmark.h>

#include <deque>
#include <sstream>

namespace npyrace {
namespace {

/// Google Benchmark appends how a benchmark was run ("/iterations:1/repeats:5/manual_time") to its
/// name. Results are compared by name, whatever the number of repetitions: ours stay as given.
class PlainNames final : public benchmark::JSONReporter {
 public:
  void ReportRuns(const std::vector<Run>& reports) override {
    std::vector<Run> plain = reports;
    for (Run& run : plain) {
      run.run_name.iterations.clear();
      run.run_name.repetitions.clear();
      run.run_name.time_type.clear();
    }
    JSONReporter::ReportRuns(plain);
  }
};

/// Google Benchmark 1.7 dies in its statistics when the first repetition is an error and later ones
/// are not: after an error there are none.
void measure(benchmark::State& state, const BenchmarkCase& one, std::string& error) {
  for (auto _ : state) {
    const Measurement measurement = error.empty() ? one.measure() : Measurement{.error = error};
    error = measurement.error;
    if (!error.empty()) {
      state.SkipWithError(error.c_str());
      break;
    }
    state.SetIterationTime(measurement.seconds);
    state.SetItemsProcessed(static_cast<std::int64_t>(measurement.items));
    state.SetBytesProcessed(static_cast<std::int64_t>(measurement.bytes));
  }
}

/// Its own flags, all given, so that nothing in the environment (BENCHMARK_OUT …) changes the run.
/// Google Benchmark keeps the pointer to the program's name: the strings live on.
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

}  // namespace npyrace
