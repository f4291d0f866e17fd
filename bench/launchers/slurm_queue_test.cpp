#include "bench/launchers/slurm_queue.h"

#include "tests/catch.h"

using namespace npyrace;

namespace {

// Output of Slurm 22.05: one line per started task, one for all pending tasks.
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

TEST_CASE("scontrol's output is parsed per task", "[slurm]") {
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

TEST_CASE("pending and completing tasks have not ended", "[slurm]") {
  for (const char* state : {"PENDING", "RUNNING", "COMPLETING", "REQUEUED", "SUSPENDED", ""})
    CHECK_FALSE(has_ended({.state = state}));
  for (const char* state : {"COMPLETED", "CANCELLED", "FAILED", "TIMEOUT", "NODE_FAIL"})
    CHECK(has_ended({.state = state}));
}

TEST_CASE("the job id is found among lines added by a site", "[slurm]") {
  CHECK(parse_submission("17\n") == SlurmJobName{"17", ""});
  CHECK(parse_submission("17;east\n") == SlurmJobName{"17", "east"});
  CHECK(parse_submission("Welcome to the cluster!\n\n17;east\r\nYou have 3 hours left.\n") ==
        SlurmJobName{"17", "east"});
  CHECK(parse_submission("sbatch: account: x\nSubmitted batch job 17\n") == SlurmJobName{"17", ""});
  CHECK(parse_submission("Submitted batch job 17 on cluster east\n") == SlurmJobName{"17", "east"});
  for (const char* none :
       {"", "no job\n", "17 jobs wait\n", "17\n18\n", "-1\n", "0x11\n", ";east\n"}) {
    CAPTURE(none);
    CHECK_FALSE(parse_submission(none));
  }
}

TEST_CASE("sacct's and squeue's output is parsed per task", "[slurm]") {
  const SlurmTasks tasks = parse_slurm_rows(
      "CLUSTER: east\n"
      "17_0|COMPLETED|0:0|n1\n17_0.batch|FAILED|1:0|n1\n17_1|CANCELLED by 1000|0:15|n2\n"
      "17_[3-4%2]|PENDING||\n170_2|RUNNING|0:0|n1\n18|RUNNING|0:0|n1\n",
      "17");
  CHECK(tasks.size() == 4);
  CHECK(tasks.at(0).state == "COMPLETED");
  CHECK(tasks.at(1).state == "CANCELLED");
  CHECK(tasks.at(1).signal == 15);
  CHECK(tasks.at(4).state == "PENDING");
}
