#include <map>

#include "bench/launchers/claim.h"
#include "core/base/error.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

Variables variables(std::map<std::string, std::string> set) {
  return [set](const char* name) -> std::optional<std::string> {
    const auto found = set.find(name);
    return found == set.end() ? std::nullopt : std::optional(found->second);
  };
}

std::uint64_t from(std::map<std::string, std::string> set) {
  return worker_number("", variables(std::move(set))).number;
}

}  // namespace

TEST_CASE("workers are counted from 0, as typed", "[worker-number]") {
  const WorkerNumber last = worker_number("3/4", variables({}));
  CHECK(last.number == 3);
  CHECK(last.of == 4);
  CHECK_NOTHROW(require_worker(last, 4, "a.npy"));
  CHECK_THROWS_AS(require_worker(worker_number("4/4", variables({})), 4, "a.npy"), UsageError);
  CHECK_THROWS_AS(require_worker(last, 5, "a.npy"), UsageError);
  CHECK_NOTHROW(require_worker(worker_number("3", variables({})), 5, "a.npy"));
}

TEST_CASE("text that is not a number is not a worker", "[worker-number]") {
  for (const char* typed : {"/", "/4", "1/", "-1/4", "1/4/5", "one", "1 /4", "0x1/4", "1.0/4"}) {
    CAPTURE(typed);
    CHECK_THROWS_AS(worker_number(typed, variables({})), UsageError);
  }
}

TEST_CASE(
    "the variables of every batch system are read; the first task is worker 0 if its number is known",
    "[worker-number]") {
  for (const QueueRow& row : queue_table()) {
    CAPTURE(row.variable);
    CHECK(from({{row.variable, "5"}}) == 5 - row.first);
    if (row.first_variable == nullptr) continue;
    CHECK(from({{row.variable, "5"}, {row.first_variable, "1"}}) == 4);
    CHECK(from({{row.variable, "9"}, {row.first_variable, "1"}, {row.step_variable, "4"}}) == 2);
    CHECK_THROWS_AS(from({{row.variable, "5"}, {row.first_variable, "6"}}), UsageError);
  }
}

TEST_CASE("outside of an array job no worker number is guessed", "[worker-number]") {
  CHECK_THROWS_AS(from({}), UsageError);
  CHECK_THROWS_AS(from({{"SGE_TASK_ID", "undefined"}}), UsageError);
  CHECK_THROWS_AS(from({{"LSB_JOBINDEX", "0"}}), UsageError);  // LSF's value outside arrays
  CHECK(from({{"SGE_TASK_ID", "undefined"}, {"LSB_JOBINDEX", "2"}}) == 1);
  CHECK(worker_number("1/4", variables({{"SLURM_ARRAY_TASK_ID", "3"}})).number == 1);
}

namespace {

/// The refusal for a task with these variables, in an array for `writers` writers.
std::string refusal(std::map<std::string, std::string> set, std::uint64_t writers = 10) {
  try {
    require_worker(worker_number("", variables(std::move(set))), writers, "a.npy");
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("part of an array job never writes another worker's share", "[worker-number]") {
  const std::map<std::string, std::string> slurm{{"SLURM_ARRAY_TASK_ID", "3"},
                                                 {"SLURM_ARRAY_TASK_MIN", "3"},
                                                 {"SLURM_ARRAY_TASK_MAX", "7"},
                                                 {"SLURM_ARRAY_TASK_STEP", "1"}};
  auto two = slurm;
  two["SLURM_ARRAY_TASK_COUNT"] = "2";
  CHECK_THAT(refusal(two),
             Catch::Matchers::ContainsSubstring("has 2 tasks in uneven steps") &&
                 Catch::Matchers::ContainsSubstring("--worker $SLURM_ARRAY_TASK_ID/10"));
  CHECK(refusal(two, 2) != "");    // 3,7: the second would be worker 4
  CHECK(refusal(slurm) != "");     // 3-7, according to MIN and MAX
  CHECK(refusal(slurm, 5) == "");  // 3-7 for five writers
  auto more = slurm;
  more["SLURM_ARRAY_TASK_COUNT"] = "5";
  CHECK(refusal(more, 5) == "");
  CHECK(refusal(more, 4) != "");
  const std::string grid = refusal({{"SGE_TASK_ID", "3"},
                                    {"SGE_TASK_FIRST", "3"},
                                    {"SGE_TASK_LAST", "7"},
                                    {"SGE_TASK_STEPSIZE", "1"}});
  CHECK(grid.find("--worker $((SGE_TASK_ID-1))/") != std::string::npos);
  CHECK(refusal({{"SGE_TASK_ID", "3"},
                 {"SGE_TASK_FIRST", "1"},
                 {"SGE_TASK_LAST", "19"},
                 {"SGE_TASK_STEPSIZE", "2"}}) == "");
  CHECK(refusal({{"LSB_JOBINDEX", "3"}, {"LSB_JOBINDEX_END", "7"}, {"LSB_JOBINDEX_STEP", "1"}}) !=
        "");
  CHECK(refusal({{"LSB_JOBINDEX", "10"}, {"LSB_JOBINDEX_END", "10"}, {"LSB_JOBINDEX_STEP", "1"}}) ==
        "");
  CHECK_THAT(refusal({{"PBS_ARRAY_INDEX", "10"}}),
             Catch::Matchers::ContainsSubstring("--worker I/N"));
}

TEST_CASE("two queues that name different workers are refused", "[worker-number]") {
  CHECK_THAT(refusal({{"SLURM_ARRAY_TASK_ID", "3"}, {"PBS_ARRAY_INDEX", "4"}}),
             Catch::Matchers::ContainsSubstring("SLURM_ARRAY_TASK_ID=3 and PBS_ARRAY_INDEX=4"));
  CHECK(refusal({{"SLURM_ARRAY_TASK_ID", "3"}, {"LSB_JOBINDEX", "4"}}) == "");
  // The number of tasks is taken from the batch system that provides it.
  CHECK(refusal({{"PBS_ARRAYID", "3"},
                 {"SLURM_ARRAY_TASK_ID", "3"},
                 {"SLURM_ARRAY_TASK_COUNT", "4"}}) != "");
}
