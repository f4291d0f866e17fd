#include "bench/jobs/worker_number.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "core/error.h"

namespace npyrace {
namespace {

constexpr QueueRow kQueues[] = {
    {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_STEP"},
    {"PBS_ARRAYID", nullptr, nullptr},
    {"PBS_ARRAY_INDEX", nullptr, nullptr},
    {"SGE_TASK_ID", "SGE_TASK_FIRST", "SGE_TASK_STEPSIZE"},
    {"LSB_JOBINDEX", nullptr, nullptr},
};

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> number_in(const char* name, const Variables& variables) {
  const auto text = name == nullptr ? std::nullopt : variables(name);
  return text ? whole_number(*text) : std::nullopt;
}

WorkerNumber parse(const std::string& typed) {
  const std::size_t slash = typed.find('/');
  const auto number = whole_number(std::string_view(typed).substr(0, slash));
  const auto of = slash == std::string::npos
                      ? std::nullopt
                      : whole_number(std::string_view(typed).substr(slash + 1));
  if (!number || (slash != std::string::npos && !of))
    throw UsageError(
        fmt::format("--worker {}: the form is I/N, counted from 0: 0/4, 1/4, 2/4, 3/4", typed));
  return {.number = *number, .of = of, .source = "--worker " + typed};
}

/// Grid Engine sets SGE_TASK_ID to "undefined" outside array jobs: what is no number is not there.
std::optional<WorkerNumber> from_queue(const QueueRow& row, const Variables& variables) {
  const auto number = number_in(row.variable, variables);
  if (!number) return std::nullopt;
  const std::string source = fmt::format("{}={}", row.variable, *number);
  const std::uint64_t first = number_in(row.first_variable, variables).value_or(0);
  const std::uint64_t step = number_in(row.step_variable, variables).value_or(1);
  if (*number < first || step == 0 || (*number - first) % step != 0)
    throw UsageError(fmt::format("{} is no task number when they begin with {}={}", source,
                                 row.first_variable, first));
  return WorkerNumber{.number = (*number - first) / step, .of = std::nullopt, .source = source};
}

}  // namespace

std::span<const QueueRow> queue_table() {
  return kQueues;
}

WorkerNumber worker_number(const std::string& typed, const Variables& variables) {
  if (!typed.empty()) return parse(typed);
  std::string names;
  for (const QueueRow& row : kQueues) {
    if (auto number = from_queue(row, variables)) return *number;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", row.variable);
  }
  throw UsageError(
      fmt::format("which worker is this? give --worker I/N; none of {} is set", names));
}

void require_worker(const WorkerNumber& worker, std::uint64_t writers, const std::string& file) {
  if (worker.of && *worker.of != writers)
    throw UsageError(fmt::format("{}: {} was made for {} writers", worker.source, file, writers));
  if (worker.number >= writers)
    throw UsageError(fmt::format("{}: there is no worker {}: those of {} are counted from 0 to {}",
                                 worker.source, worker.number, file,
                                 writers == 0 ? 0 : writers - 1));
}

}  // namespace npyrace
