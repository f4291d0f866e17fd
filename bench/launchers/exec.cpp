#include "bench/launchers/exec.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "bench/interrupt.h"
#include "bench/launchers/child_process.h"
#include "bench/launchers/exec_output.h"
#include "bench/launchers/open_watch.h"
#include "bench/launchers/start_gate.h"
#include "bench/private_folder.h"
#include "bench/race/expected_array.h"
#include "bench/stopwatch.h"
#include "core/error.h"
#include "core/posix_file.h"

namespace npyrace {
namespace {

std::string home_dir(const std::string& otherwise) {
  const char* home = std::getenv("HOME");
  return home == nullptr || *home == '\0' ? otherwise : home;
}

/// One writer's program and when it ran.
struct Program {
  ChildProcess process;
  WriterReport report;
  std::int64_t started_ns = 0;
  std::string output_path;
  bool ended = false;
  bool at_gate = false;
  std::optional<Death> death = {};
};

class ExecCrew final : public Crew {
 public:
  explicit ExecCrew(const LaunchRequest& request)
      : request_(request),
        map_(request.order.array),
        stamper_(map_.stamper(request.order.stamp_seed)),
        promises_(static_cast<std::size_t>(request.writers)) {}

  GenerationReport race() override {
    ++generation_;
    write_expectation();
    OpenWatch watch(request_.order.paths, request_.caches);
    StartGate gate(gate_paths());
    std::vector<Program> programs;
    for (std::uint64_t writer = 0; writer < request_.writers; ++writer)
      programs.push_back(start(writer));
    wait_for(programs, watch, gate);
    watch.wait(0);  // the last closings
    GenerationReport report{.overlap_seconds = watch.overlap_seconds(),
                            .together_share = watch.overlap_share()};
    for (std::size_t writer = 0; writer < programs.size(); ++writer) {
      const Program& program = programs[writer];
      acknowledge(writer, program);
      if (program.death)
        report.deaths.push_back(*program.death);
      else
        report.writers.push_back(program.report);
    }
    if (!report.deaths.empty()) anybody_died_ = true;
    if (anybody_died_) report.promises = promises_;
    report.nobody_left = report.writers.empty();
    return report;
  }

  std::vector<Death> finish() override { return {}; }

 private:
  /// Exit code 0 is a program's acknowledgement; without it, it may have written or not.
  void acknowledge(std::size_t writer, const Program& program) {
    promises_[writer].newest = generation_;
    if (!program.death) promises_[writer].kept = generation_;
  }

  std::string expected_path() const { return folder_.file("expected.npy"); }

  void write_expectation() {
    std::filesystem::remove(expected_path());
    const auto file =
        open_posix_file(expected_path(), {.access = Access::write, .create_new = true});
    write_expected_array(*file, map_, stamper_, generation_);
    file->close();
  }

  /// array[start:stop:step] are the writer's records.
  std::vector<std::string> slice_of(std::uint64_t writer) const {
    const std::uint64_t count = map_.count(writer);
    const std::uint64_t first = count > 0 ? map_.element(writer, 0) : 0;
    const std::uint64_t step = count > 1 ? map_.element(writer, 1) - first : 1;
    const std::uint64_t stop = count > 0 ? first + (count - 1) * step + 1 : 0;
    return {fmt::format("NPYRACE_SLICE_START={}", first),
            fmt::format("NPYRACE_SLICE_STOP={}", stop), fmt::format("NPYRACE_SLICE_STEP={}", step)};
  }

  std::string gate_path(std::uint64_t writer) const {
    return folder_.file(fmt::format("go-{}", writer));
  }

  std::vector<std::string> gate_paths() const {
    std::vector<std::string> paths;
    for (std::uint64_t writer = 0; writer < request_.writers; ++writer)
      paths.push_back(gate_path(writer));
    return paths;
  }

  std::vector<std::string> environment_of(std::uint64_t writer) const {
    std::vector<std::string> variables = slice_of(writer);
    variables.insert(variables.end(),
                     {fmt::format("NPYRACE_FILE={}", request_.order.path_of(writer)),
                      fmt::format("NPYRACE_WRITER={}", writer),
                      fmt::format("NPYRACE_WRITERS={}", request_.writers),
                      fmt::format("NPYRACE_LENGTH={}", map_.elements()),
                      fmt::format("NPYRACE_GENERATION={}", generation_),
                      fmt::format("NPYRACE_EXPECT={}", expected_path()),
                      fmt::format("NPYRACE_GO={}", gate_path(writer))});
    const std::vector<std::string> played = exec_.scheduler->environment(
        {.task = writer, .tasks = request_.writers, .submit_dir = here_});
    variables.insert(variables.end(), played.begin(), played.end());
    return variables;
  }

  Program start(std::uint64_t writer) const {
    const std::string output_path = folder_.file(fmt::format("output-{}", writer));
    WriterReport report;
    report.start_ns = report.write_start_ns = monotonic_ns();
    return {.process = ChildProcess({.program = kShell,
                                     .arguments = {"-c", exec_.command},
                                     .environment = environment_of(writer),
                                     .working_dir = exec_.scheduler->starts_at_home ? home_ : "",
                                     .output_path = output_path}),
            .report = report,
            .started_ns = report.start_ns,
            .output_path = output_path};
  }

  void wait_for(std::vector<Program>& programs, OpenWatch& watch, StartGate& gate) {
    const std::int64_t limit_ns =
        monotonic_ns() + std::chrono::nanoseconds(request_.patience).count();
    for (std::size_t running = programs.size(); running > 0;) {
      watch.wait(1);
      if (interrupted()) throw Interrupted();
      open_when_all_wait(programs, gate);
      for (std::size_t writer = 0; writer < programs.size(); ++writer)
        running -=
            has_just_ended(programs[writer], writer) || has_run_too_long(programs[writer], writer);
      if (running > 0 && monotonic_ns() > limit_ns)
        throw RaceError(fmt::format("{} of {} writers did not finish within {} s", running,
                                    programs.size(), request_.patience.count()),
                        false);
    }
  }

  /// Programs that have ended, because they ignore the gate, are not waited for.
  static void open_when_all_wait(std::vector<Program>& programs, StartGate& gate) {
    bool anybody = false;
    for (std::size_t writer = 0; writer < programs.size(); ++writer) {
      Program& program = programs[writer];
      if (program.ended || program.at_gate) continue;
      program.at_gate = gate.is_waited_at(writer);
      if (!program.at_gate) return;
      anybody = true;
    }
    if (!anybody) return;
    const std::int64_t now_ns = monotonic_ns();
    for (Program& program : programs)
      if (program.at_gate) program.report.start_ns = program.report.write_start_ns = now_ns;
    gate.open();
  }

  /// A program that ends with another exit code than 0 is told of with its last words.
  bool has_just_ended(Program& program, std::size_t writer) {
    const auto status = program.ended ? std::nullopt : program.process.poll();
    if (!status) return false;
    if (*status != 0) bury(program, writer, describe_exit(*status), !was_killed(*status));
    end(program);
    return true;
  }

  bool has_run_too_long(Program& program, std::size_t writer) {
    if (program.ended || exec_.time_limit.count() == 0) return false;
    const std::int64_t limit_ns = std::chrono::nanoseconds(exec_.time_limit).count();
    if (monotonic_ns() - program.started_ns < limit_ns) return false;
    program.process.kill();
    bury(program, writer, fmt::format("ended after {} s by --time-limit", exec_.time_limit.count()),
         true);
    end(program);
    return true;
  }

  void bury(Program& program, std::size_t writer, const std::string& how, bool of_itself) {
    constexpr unsigned kMostKept = 4;  // thousands of jobs fail alike
    std::string words = last_line(program.output_path);
    if (!words.empty()) words = ": " + words;
    if (outputs_kept_ < kMostKept) {
      const std::string kept = keep_output(program.output_path);
      if (!kept.empty()) {
        words += " (all of its output: " + kept + ")";
        ++outputs_kept_;
      }
    }
    program.death = Death{fmt::format("writer {}: {}{}", writer, how, words), of_itself};
  }

  static void end(Program& program) {
    program.report.end_ns = program.report.write_end_ns = program.report.written_ns =
        monotonic_ns();
    program.ended = true;
  }

  LaunchRequest request_;
  const ExecOrder& exec_ = request_.exec;
  std::string here_ = std::filesystem::current_path().string();
  std::string home_ = home_dir(here_);
  ArrayMap map_;
  Stamper stamper_;
  PrivateFolder folder_{"exec"};
  std::vector<WriterPromise> promises_;
  bool anybody_died_ = false;
  unsigned outputs_kept_ = 0;
  unsigned generation_ = 0;
};

}  // namespace

std::unique_ptr<Crew> ExecLauncher::start(const LaunchRequest& request) const {
  return std::make_unique<ExecCrew>(request);
}

}  // namespace npyrace
