#pragma once
// What a batch system tells the tasks of an array job, for programs that ask: `run --scheduler`.
// What `write` reads of it is in bench/jobs/worker_number.h.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace npyrace {

struct SchedulerTask {
  std::uint64_t task = 0;  ///< counted from 0
  std::uint64_t tasks = 1;
  std::string submit_dir;  ///< where the user gave the job to the system
};

struct SchedulerRow {
  const char* name;
  const char* summary;
  /// "NAME=VALUE"
  std::vector<std::string> (*environment)(const SchedulerTask& task);
  bool starts_at_home;  ///< jobs begin in the home directory, not where they were submitted
};

/// The one table of batch systems that can be played; the first, `none`, adds nothing.
std::span<const SchedulerRow> scheduler_table();
/// Throws UsageError with a suggestion.
const SchedulerRow& find_scheduler(std::string_view name);

}  // namespace npyrace
