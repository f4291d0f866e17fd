#include "bench/launchers/scheduler.h"

#include <fmt/format.h>

#include "core/base/table.h"

namespace npyrace {
namespace {

/// Arbitrary job number, easy to recognise.
constexpr int kJob = 4711;

using Environment = std::vector<std::string>;

Environment nothing(const SchedulerTask&) {
  return {};
}

Environment slurm(const SchedulerTask& task) {
  return {fmt::format("SLURM_JOB_ID={}", kJob + task.task),
          fmt::format("SLURM_ARRAY_JOB_ID={}", kJob),
          fmt::format("SLURM_ARRAY_TASK_ID={}", task.task),
          "SLURM_ARRAY_TASK_MIN=0",
          fmt::format("SLURM_ARRAY_TASK_MAX={}", task.tasks - 1),
          fmt::format("SLURM_ARRAY_TASK_COUNT={}", task.tasks),
          "SLURM_ARRAY_TASK_STEP=1",
          "SLURM_JOB_NAME=npyrace",
          fmt::format("SLURM_SUBMIT_DIR={}", task.submit_dir)};
}

/// Torque.
Environment pbs(const SchedulerTask& task) {
  return {fmt::format("PBS_JOBID={}[{}].npyrace", kJob, task.task),
          fmt::format("PBS_ARRAYID={}", task.task), "PBS_JOBNAME=npyrace",
          "PBS_ENVIRONMENT=PBS_BATCH", fmt::format("PBS_O_WORKDIR={}", task.submit_dir)};
}

/// PBS Professional and OpenPBS use another variable for the task number.
Environment pbs_pro(const SchedulerTask& task) {
  return {fmt::format("PBS_JOBID={}[{}].npyrace", kJob, task.task),
          fmt::format("PBS_ARRAY_ID={}[].npyrace", kJob),
          fmt::format("PBS_ARRAY_INDEX={}", task.task),
          "PBS_JOBNAME=npyrace",
          "PBS_ENVIRONMENT=PBS_BATCH",
          fmt::format("PBS_O_WORKDIR={}", task.submit_dir)};
}

/// Grid Engine's task numbers begin at 1.
Environment sge(const SchedulerTask& task) {
  return {fmt::format("JOB_ID={}", kJob),
          fmt::format("SGE_TASK_ID={}", task.task + 1),
          "SGE_TASK_FIRST=1",
          fmt::format("SGE_TASK_LAST={}", task.tasks),
          "SGE_TASK_STEPSIZE=1",
          "JOB_NAME=npyrace",
          fmt::format("SGE_O_WORKDIR={}", task.submit_dir)};
}

/// LSF counts from 1 and also provides the last number.
Environment lsf(const SchedulerTask& task) {
  return {fmt::format("LSB_JOBID={}", kJob),
          fmt::format("LSB_JOBINDEX={}", task.task + 1),
          fmt::format("LSB_JOBINDEX_END={}", task.tasks),
          "LSB_JOBINDEX_STEP=1",
          "LSB_JOBNAME=npyrace",
          fmt::format("LS_SUBCWD={}", task.submit_dir)};
}

constexpr SchedulerRow kSchedulers[] = {
    {"none", "nothing but NPYRACE_*, where npyrace was started", nothing, false},
    {"slurm", "SLURM_ARRAY_TASK_ID and related variables", slurm, false},
    {"pbs", "PBS_ARRAYID (Torque), in the home directory", pbs, true},
    {"pbs-pro", "PBS_ARRAY_INDEX (PBS Professional, OpenPBS), in the home directory", pbs_pro,
     true},
    {"sge", "SGE_TASK_ID, counted from 1, in the home directory", sge, true},
    {"lsf", "LSB_JOBINDEX, counted from 1", lsf, false},
};

}  // namespace

std::span<const SchedulerRow> scheduler_table() {
  return kSchedulers;
}

const SchedulerRow& find_scheduler(std::string_view name) {
  return find_row("scheduler", name, scheduler_table());
}

}  // namespace npyrace
