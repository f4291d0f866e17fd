#include "bench/launchers/slurm_queue.h"

#include "tests/catch.h"

using namespace npyrace;

namespace {

// As Slurm 22.05 prints it: one line a task that has begun, one for all that wait.
constexpr const char* kShown =
    "JobId=20 ArrayJobId=17 ArrayTaskId=5-7,9%2 JobName=npyrace JobState=PENDING Reason=Resources "
    "Requeue=1 ExitCode=0:0 NodeList=(null)\n"
    "JobId=19 ArrayJobId=17 ArrayTaskId=1 JobName=npyrace JobState=RUNNING Reason=None Requeue=1 "
    "ExitCode=0:0 BatchHost=n2 NodeList=n2\n"
    "JobId=18 ArrayJobId=17 ArrayTaskId=0 JobName=npyrace JobState=FAILED Reason=NonZeroExitCode "
    "ExitCode=3:0 BatchHost=n1 NodeList=n1\n"
    "JobId=17 ArrayJobId=17 ArrayTaskId=2 JobName=npyrace JobState=CANCELLED Reason=None "
    "ExitCode=0:15 BatchHost=n1\n";

}  // namespace

TEST_CASE("what scontrol says of an array job, task by task", "[slurm]") {
  const SlurmTasks tasks = parse_slurm_tasks(kShown);
  CHECK(tasks.size() == 7);
  CHECK(tasks.at(0).state == "FAILED");
  CHECK(tasks.at(0).exit_code == 3);
  CHECK(tasks.at(0).signal == 0);
  CHECK(tasks.at(0).node == "n1");
  CHECK(tasks.at(0).reason == "NonZeroExitCode");
  CHECK(tasks.at(1).state == "RUNNING");
  CHECK(tasks.at(2).signal == 15);
  for (const std::uint64_t waiting : {5, 6, 7, 9}) CHECK(tasks.at(waiting).state == "PENDING");
  CHECK_FALSE(tasks.contains(8));
  CHECK(parse_slurm_tasks("").empty());
}

TEST_CASE("tasks that are on their way have not ended", "[slurm]") {
  for (const char* state : {"PENDING", "RUNNING", "COMPLETING", "REQUEUED", "SUSPENDED", ""})
    CHECK_FALSE(has_ended({.state = state}));
  for (const char* state : {"COMPLETED", "CANCELLED", "FAILED", "TIMEOUT", "NODE_FAIL"})
    CHECK(has_ended({.state = state}));
}
