#include "bench/watch/process_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <set>
#include <span>
#include <string_view>
#include <tuple>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/file/atomic_file.h"
#include "core/file/posix_file.h"

namespace npyrace::watch {
namespace {

namespace fs = std::filesystem;

/// Text of a field of fixed size, which may lack a final NUL.
std::string text_of(const char* field, std::size_t room) {
  return {field, ::strnlen(field, room)};
}

/// Upper limit of file offsets: no file is larger, and widening to pages cannot overflow.
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 62;

class LogReader {
 public:
  explicit LogReader(const std::string& path)
      : path_(path), file_(open_posix_file(path, {.access = npyrace::Access::read})) {}

  ProcessLog read() {
    Header header;
    read_entries<Header>(0, {&header, 1});
    require(header.magic == kMagic, "it is no log of npyrace watch, or of another version");
    require(header.files <= kMostFiles && header.sessions <= kMostSessions &&
                header.maps <= kMostMaps && header.notes <= kMostNotes &&
                (header.ranges & ~kAreaBit) <= kMostRanges && header.stores <= Stores::upper_bound,
            "its header is damaged");
    require(header.page_bytes >= 4096 && header.page_bytes <= 1u << 20 &&
                (header.page_bytes & (header.page_bytes - 1)) == 0,
            "its page size is damaged");
    ProcessLog log = described(header);
    read_tables(header, log);
    return log;
  }

 private:
  void require(bool holds, const char* otherwise) const {
    if (!holds) throw FormatError(fmt::format("{}: {}", path_, otherwise));
  }

  template <typename Entry>
  void read_entries(std::uint64_t offset_bytes, std::span<Entry> entries) {
    const auto bytes = std::as_writable_bytes(entries);
    require(file_->read_at(bytes, offset_bytes) == bytes.size(), "it is shorter than it should be");
  }

  template <typename Entry>
  std::vector<Entry> table(std::uint64_t offset_bytes, std::uint64_t count) {
    std::vector<Entry> entries(count);
    if (count > 0) read_entries<Entry>(offset_bytes, entries);
    return entries;
  }

  ProcessLog described(const Header& header) const {
    ProcessLog log;
    log.log_path = path_;
    log.page_bytes = header.page_bytes;
    log.pid = header.pid;
    log.watcher = header.watcher;
    log.boot_id = text_of(header.boot_id, sizeof header.boot_id);
    log.host = text_of(header.host, sizeof header.host);
    log.task = text_of(header.task, sizeof header.task);
    log.command = text_of(header.command, sizeof header.command);
    log.process_started = header.process_started;
    log.before = header.before;
    log.started_ns = header.started_ns;
    log.ended_ns = header.ended_ns;
    log.threads = header.threads;
    log.collector_ns = header.collector_ns;
    log.stores = header.stores;
    log.coarse = header.coarse > 0;
    log.missed = header.missed > 0;
    return log;
  }

  /// Ends an open session at the time of the kill, because a killed process has logged no close.
  static void end_at(const Moment& killed, Session& session) {
    if (session.closed.real_ns == 0) session.closed = killed;
    if (session.released.real_ns == 0) session.released = killed;
  }

  void read_tables(const Header& header, ProcessLog& log) {
    for (std::uint64_t i = 0; i < header.files; ++i) {
      File entry;
      read_entries<File>(kFilesAt + i * sizeof(File), {&entry, 1});
      require(entry.path_bytes < sizeof entry.path, "a path in it is damaged");
      log.files.push_back({entry.device, entry.inode, entry.born_ns, entry.file_system, entry.uses,
                           std::string(entry.path, entry.path_bytes)});
    }
    log.sessions = table<Session>(kSessionsAt, header.sessions);
    for (Session& session : log.sessions) {
      require(session.file < log.files.size(), "a session in it has no file");
      if (header.ended_ns == 0) end_at(header.killed, session);
    }
    log.maps = table<Map>(kMapsAt, header.maps);
    for (const Map& map : log.maps)
      require(map.file < log.files.size(), "a mapping in it has no file");
    for (const Note& note : table<Note>(kNotesAt, header.notes))
      log.notes.push_back(text_of(note.text, sizeof note.text));
    const std::uint64_t area = (header.ranges & kAreaBit) != 0 ? kAreaBytes : 0;
    log.ranges = table<Range>(kRangesAt + area, header.ranges & ~kAreaBit);
    for (const Range& range : log.ranges)
      require(range.session < log.sessions.size() && range.from < range.to &&
                  range.to <= kMostBytes && range.what <= What::called_near &&
                  (range.lock == kNone || range.lock < log.files.size()) &&
                  range.lock_kind <= LockKind::semaphore && range.lock_from <= range.lock_to,
              "a range in it is damaged");
  }

  std::string path_;
  std::unique_ptr<npyrace::File> file_;
};

}  // namespace

ProcessLog read_process_log(const std::string& path) {
  return LogReader(path).read();
}

namespace {

/// A birth time that is missing in one log cannot distinguish files, so it is ignored in all logs.
void forget_uncertain_births(std::vector<ProcessLog>& logs) {
  using Key = std::tuple<std::string, std::uint64_t, std::uint64_t>;
  std::set<Key> uncertain;
  for (const ProcessLog& log : logs)
    for (const LoggedFile& file : log.files)
      if (file.born_ns == 0) uncertain.emplace(log.boot_id, file.device, file.inode);
  for (ProcessLog& log : logs)
    for (LoggedFile& file : log.files)
      if (uncertain.contains({log.boot_id, file.device, file.inode})) file.born_ns = 0;
}

}  // namespace

ProcessLogs read_process_logs(const std::string& folder) {
  ProcessLogs result;
  std::error_code error;
  const fs::directory_iterator entries(folder, error);
  if (error) throw SystemError({folder, "opendir"}, error.value());
  for (const auto& entry : entries) {
    const std::string path = entry.path().string();
    if (entry.path().extension() == kNoteSuffix) {
      try {
        for (const std::string& line : split(read_small_text_file(path).value_or(""), '\n'))
          if (!line.empty()) result.problems.push_back(line);
      } catch (const std::runtime_error& problem) {
        result.problems.emplace_back(problem.what());
      }
      continue;
    }
    if (entry.path().extension() != kLogSuffix) continue;
    try {
      result.logs.push_back(read_process_log(path));
    } catch (const std::runtime_error& problem) {
      result.problems.emplace_back(problem.what());
    }
  }
  forget_uncertain_births(result.logs);
  std::ranges::stable_sort(result.logs, {}, [](const ProcessLog& log) {
    return std::pair(log.started_ns, log.log_path);
  });
  return result;
}

}  // namespace npyrace::watch
