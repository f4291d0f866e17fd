#pragma once
// Environment variables that batch systems set for the tasks of an array job; `run --scheduler`
// sets them for user programs that read them. `npyrace write` reads such variables by queue_table
// (claim.h).

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace npyrace {

struct SchedulerTask {
  std::uint64_t task = 0;  ///< counted from 0
  std::uint64_t tasks = 1;
  std::string submit_dir;  ///< directory from which the job was submitted
};

struct SchedulerRow {
  const char* name;
  const char* summary;
  /// "NAME=VALUE"
  std::vector<std::string> (*environment)(const SchedulerTask& task);
  bool starts_at_home;  ///< jobs start in the home directory, not in submit_dir
};

/// The one table of imitated batch systems; the first, `none`, sets nothing.
std::span<const SchedulerRow> scheduler_table();
/// Throws UsageError with a suggestion.
const SchedulerRow& find_scheduler(std::string_view name);

}  // namespace npyrace
