#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>

#include "bench/launchers/exec_program.h"
#include "bench/launchers/launcher.h"
#include "bench/launchers/open_watch.h"
#include "bench/storage/known_array.h"
#include "core/base/error.h"
#include "core/file/posix_file.h"
#include "core/os/process.h"
#include "core/os/shell.h"
#include "core/os/signals.h"
#include "core/os/stopwatch.h"
#include "core/os/temporary_folder.h"

namespace npyrace {
namespace {

std::string home_dir(const std::string& otherwise) {
  const char* home = std::getenv("HOME");
  return home == nullptr || *home == '\0' ? otherwise : home;
}

/// True if there is space for a second copy of the file; a SIGBUS was then not caused by a full
/// disk.
bool has_space(const std::string& path) {
  std::error_code error;
  const auto space = std::filesystem::space(std::filesystem::path(path).parent_path(), error);
  const auto size_bytes = std::filesystem::file_size(path, error);
  return !error && space.available > size_bytes;
}

/// A writer's program and its times.
struct Program {
  std::uint64_t writer = 0;
  ChildProcess process;
  WriterReport report;
  std::int64_t started_ns = 0;
  std::string output_path;
  bool ended = false;
  bool at_gate = false;   ///< it has opened NPYRACE_GO
  bool released = false;  ///< the gate was opened for it
  bool met_bus_error = false;
  std::optional<WriterFailure> failure = {};
};

/// Starts the user's command of `run --exec` in a shell, once per writer and generation.
///
/// docs/programs.md lists the environment variables it sets. NPYRACE_GO names a FIFO by which
/// programs can start at the same time (StartGate in open_watch.h).
class ProgramWriters final : public WriterGroup {
 public:
  explicit ProgramWriters(const LaunchRequest& request)
      : request_(request),
        map_(request.order.array),
        stamper_(map_.stamper(request.order.stamp_seed)),
        promises_(static_cast<std::size_t>(request.writers)) {}

  GenerationReport race() override {
    ++generation_;
    if (exec_.stamps) write_expectation();
    OpenWatch watch(request_.order.paths, request_.caches);
    StartGate gate(gate_paths());
    std::vector<Program> programs;
    for (const std::uint64_t writer : started_writers()) programs.push_back(start(writer));
    wait_for(programs, watch, gate);
    watch.wait(0);  // process the last close events
    GenerationReport report{.overlap_seconds = watch.overlap_seconds(),
                            .together_share = watch.overlap_share(),
                            .file_damage = what_struck(watch, programs, request_.order.paths[0]),
                            .replaced_file = watch.times_replaced() > 0};
    for (const Program& program : programs) {
      acknowledge(program);
      if (program.failure)
        report.failures.push_back(*program.failure);
      else
        report.writers.push_back(program.report);
    }
    if (!report.failures.empty()) anybody_died_ = true;
    if (anybody_died_ || request_.only_writer) report.promises = promises_;
    report.all_failed = report.writers.empty();
    return report;
  }

  std::vector<WriterFailure> finish() override { return {}; }

 private:
  /// SIGBUS (or exit code 128 + 7 from a shell) means access to a mapping beyond the end of its
  /// file: another writer has truncated it, since the program runs without error alone
  /// (CellRace::try_alone).
  static std::string what_struck(const OpenWatch& watch, const std::vector<Program>& programs,
                                 const std::string& path) {
    if (watch.was_emptied())
      return "a writer emptied the file or cut off its end (O_TRUNC, as open(FILE, 'w') and mode 'w+' do; truncate) while others "
             "had it open: what they had written until then was gone";
    const bool bus_error = programs.size() > 1 &&
                           std::ranges::any_of(programs, &Program::met_bus_error) &&
                           has_space(path);
    return bus_error
               ? "a writer's mapping ended beyond the file (SIGBUS): another writer had cut it"
               : "";
  }

  /// Exit code 0 acknowledges all records; otherwise they may have been written or not.
  void acknowledge(const Program& program) {
    WriterPromise& promise = promises_[static_cast<std::size_t>(program.writer)];
    promise.newest = generation_;
    if (!program.failure) promise.kept = generation_;
  }

  std::vector<std::uint64_t> started_writers() const {
    if (request_.only_writer) return {*request_.only_writer};
    std::vector<std::uint64_t> all;
    for (std::uint64_t writer = 0; writer < request_.writers; ++writer) all.push_back(writer);
    return all;
  }

  std::string expected_path() const { return folder_.file("expected.npy"); }

  void write_expectation() {
    std::filesystem::remove(expected_path());
    const auto file =
        open_posix_file(expected_path(), {.access = Access::write, .create_new = true});
    write_expected_array(*file, map_, stamper_, generation_);
    file->close();
  }

  /// The slice array[start:stop:step] with the writer's records.
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
    for (const std::uint64_t writer : started_writers()) paths.push_back(gate_path(writer));
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
                      fmt::format("NPYRACE_GO={}", gate_path(writer))});
    if (exec_.stamps) variables.push_back(fmt::format("NPYRACE_EXPECT={}", expected_path()));
    const std::vector<std::string> played = exec_.scheduler->environment(
        {.task = writer, .tasks = request_.writers, .submit_dir = here_});
    variables.insert(variables.end(), played.begin(), played.end());
    return variables;
  }

  std::string command_of(std::uint64_t writer) const {
    return command_for(exec_.command, request_.order.path_of(writer), writer, request_.writers);
  }

  Program start(std::uint64_t writer) const {
    const std::string output_path = folder_.file(fmt::format("output-{}", writer));
    WriterReport report;
    report.start_ns = report.write_start_ns = monotonic_ns();
    return {.writer = writer,
            .process = ChildProcess({.arguments = shell_arguments(command_of(writer)),
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
      for (Program& program : programs)
        running -= has_just_ended(program) || has_run_too_long(program);
      if (running > 0 && monotonic_ns() > limit_ns) {
        kill_hanging(programs);
        return;
      }
    }
  }

  /// Kills hanging programs, so that the file can be judged.
  void kill_hanging(std::vector<Program>& programs) {
    // Programs at the gate hang because of those that never opened NPYRACE_GO.
    std::vector<std::uint64_t> hanging, missing;
    for (const Program& program : programs) {
      if (program.ended) continue;
      hanging.push_back(program.writer);
      if (!program.at_gate) missing.push_back(program.writer);
    }
    const bool others_wait = !missing.empty() && missing.size() < hanging.size();
    std::string words =
        others_wait ? hanging_words(missing, programs.size(),
                                    "did not read NPYRACE_GO, for which the others waited,",
                                    request_.patience)
                    : hanging_words(hanging, programs.size(), "did not finish", request_.patience);
    for (Program& program : programs) {
      if (program.ended) continue;
      program.process.kill();
      end(program);
      program.failure = WriterFailure{std::exchange(words, ""), true, true};  // one message for all
    }
  }

  /// Does not wait for programs that have already ended: they ignore the gate.
  static void open_when_all_wait(std::vector<Program>& programs, StartGate& gate) {
    bool all = true;
    bool anybody = false;
    for (std::size_t writer = 0; writer < programs.size(); ++writer) {
      Program& program = programs[writer];
      if (program.ended || program.released) continue;
      program.at_gate = program.at_gate || gate.is_waited_at(writer);
      anybody |= program.at_gate;
      all &= program.at_gate;
    }
    if (!all || !anybody) return;
    const std::int64_t now_ns = monotonic_ns();
    for (Program& program : programs) {
      if (!program.at_gate || program.released) continue;
      program.report.start_ns = program.report.write_start_ns = now_ns;
      program.released = true;
    }
    gate.open();
  }

  /// For an exit code other than 0 records the program's last output.
  bool has_just_ended(Program& program) {
    const auto status = program.ended ? std::nullopt : program.process.poll();
    if (!status) return false;
    if (*status != 0) record_failure(program, describe_exit(*status), !was_killed(*status));
    program.met_bus_error = is_bus_error(*status);
    end(program);
    return true;
  }

  bool has_run_too_long(Program& program) {
    if (program.ended || exec_.time_limit.count() == 0) return false;
    const std::int64_t limit_ns = std::chrono::nanoseconds(exec_.time_limit).count();
    if (monotonic_ns() - program.started_ns < limit_ns) return false;
    program.process.kill();
    record_failure(program,
                   fmt::format("ended after {} s by --time-limit", exec_.time_limit.count()), true);
    end(program);
    return true;
  }

  void record_failure(Program& program, const std::string& how, bool of_itself) {
    std::string words = last_words(program.output_path);
    if (!words.empty()) words = ": " + words;
    program.failure =
        WriterFailure{fmt::format("writer {}: {}{}", program.writer, how, words), of_itself};
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
  TemporaryFolder folder_{"exec"};
  std::vector<WriterPromise> promises_;
  bool anybody_died_ = false;
  unsigned generation_ = 0;
};

}  // namespace

std::unique_ptr<WriterGroup> start_programs(const LaunchRequest& request) {
  return std::make_unique<ProgramWriters>(request);
}

}  // namespace npyrace
