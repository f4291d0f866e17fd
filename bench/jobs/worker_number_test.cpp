#include "bench/jobs/worker_number.h"

#include <map>

#include "core/error.h"
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

TEST_CASE("what is no number is no worker", "[worker-number]") {
  for (const char* typed : {"/", "/4", "1/", "-1/4", "1/4/5", "one", "1 /4", "0x1/4", "1.0/4"}) {
    CAPTURE(typed);
    CHECK_THROWS_AS(worker_number(typed, variables({})), UsageError);
  }
}

TEST_CASE("every queue is asked; the first task is 0 where its number is known",
          "[worker-number]") {
  for (const QueueRow& row : queue_table()) {
    CAPTURE(row.variable);
    CHECK(from({{row.variable, "5"}}) == 5);
    if (row.first_variable == nullptr) continue;
    CHECK(from({{row.variable, "5"}, {row.first_variable, "1"}}) == 4);
    CHECK(from({{row.variable, "9"}, {row.first_variable, "1"}, {row.step_variable, "4"}}) == 2);
    CHECK_THROWS_AS(from({{row.variable, "5"}, {row.first_variable, "6"}}), UsageError);
  }
}

TEST_CASE("outside an array job nobody is guessed", "[worker-number]") {
  CHECK_THROWS_AS(from({}), UsageError);
  CHECK_THROWS_AS(from({{"SGE_TASK_ID", "undefined"}}), UsageError);
  CHECK(from({{"SGE_TASK_ID", "undefined"}, {"LSB_JOBINDEX", "2"}}) == 2);
  CHECK(worker_number("1/4", variables({{"SLURM_ARRAY_TASK_ID", "3"}})).number == 1);
}
