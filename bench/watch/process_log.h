#pragma once
// The log of one watched process in memory. The collector writes it (collector/log_format.h).

#include <cstdint>
#include <string>
#include <vector>

#include "bench/watch/collector/log_format.h"

namespace npyrace::watch {

struct LoggedFile {
  std::uint64_t device = 0, inode = 0;
  std::int64_t born_ns = 0;      ///< when the file was created; 0: unknown in one of the logs
  std::int64_t file_system = 0;  ///< f_type of statfs
  std::uint32_t uses = 0;        ///< FileUse bits
  std::string path;
};

struct ProcessLog {
  std::string log_path;
  std::uint64_t page_bytes = 4096;
  std::int64_t pid = 0;
  std::int64_t watcher = 0;  ///< process id of the npyrace watch that started it; 0: unknown
  std::string boot_id, host, task, command;
  Moment process_started = {};
  Lineage before = {};          ///< the start of the process
  std::int64_t started_ns = 0;  ///< the log
  std::int64_t ended_ns = 0;    ///< 0: killed, or still running
  std::uint64_t threads = 0;
  std::uint64_t collector_ns = 0;  ///< time in the collector
  Stores stores = Stores::unused;
  bool coarse = false;
  bool missed = false;
  std::vector<LoggedFile> files;
  std::vector<Session> sessions;  ///< their `file` is an index in `files`
  std::vector<Map> maps;          ///< as well
  std::vector<std::string> notes;
  std::vector<Range> ranges;  ///< with valid sessions, from < to
};

/// Throws SystemError, and FormatError with one line that begins with the path.
ProcessLog read_process_log(const std::string& path);

struct ProcessLogs {
  std::vector<ProcessLog> logs;       ///< by time of start
  std::vector<std::string> problems;  ///< one line per log that cannot be read
};

/// All logs in the folder. Throws SystemError if it cannot be read.
ProcessLogs read_process_logs(const std::string& folder);

}  // namespace npyrace::watch
