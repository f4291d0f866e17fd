#include "bench/watch/accesses.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>

#include "bench/storage/mounts.h"

namespace npyrace::watch {
namespace {

struct Magic {
  std::int64_t magic;
  const char* name;
};

/// File system types (f_type of statfs), from linux/magic.h and the sources of the file systems.
constexpr Magic kMagics[] = {
    {0xef53, "ext4"},         {0x58465342, "xfs"},      {0x9123683e, "btrfs"},
    {0x01021994, "tmpfs"},    {0x794c7630, "overlay"},  {0x6969, "nfs"},
    {0x0bd00bd0, "lustre"},   {0x47504653, "gpfs"},     {0x65735546, "fuse"},
    {0x00c36400, "ceph"},     {0x7461636f, "ocfs2"},    {0x01161970, "gfs2"},
    {0xff534d42, "cifs"},     {0xfe534d42, "smb3"},     {0x01021997, "9p"},
    {0x19830326, "beegfs"},   {0x2fc12fc1, "zfs"},      {0xf2f52010, "f2fs"},
    {0x858458f6, "ramfs"},    {0xca451a4e, "bcachefs"}, {0x5346414f, "afs"},
    {0x6a656a62, "virtiofs"},
};

std::string without_deleted(const std::string& path) {
  constexpr std::string_view kDeleted = " (deleted)";
  return path.ends_with(kDeleted) ? path.substr(0, path.size() - kDeleted.size()) : path;
}

std::string name_of(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

/// Identity of a file: equal for all of its names. Nodes see a file of a network file system under
/// different device numbers, but with the same inode number and name. A file of any other file
/// system is identified by device and inode, within one boot.
std::string identity_of(const ProcessLog& log, const LoggedFile& file) {
  const std::string system = file_system_name(file.file_system);
  if (file_system_of(system).one_node)
    return fmt::format("{}/{}/{}/{}", log.boot_id, file.device, file.inode, file.born_ns);
  return fmt::format("{}/{}/{}", system, file.inode, name_of(without_deleted(file.path)));
}

/// Union-find over log entries that mean one file: because their identity is equal, or because one
/// replaced the other under the same name.
class Groups {
 public:
  std::size_t group_of(const std::string& name) {
    const auto [place, is_new] = numbers_.try_emplace(name, parents_.size());
    if (is_new) parents_.push_back(parents_.size());
    return root_of(place->second);
  }
  void join(std::size_t a, std::size_t b) {
    parents_[std::max(root_of(a), root_of(b))] = std::min(root_of(a), root_of(b));
  }
  std::size_t root_of(std::size_t number) const {
    while (parents_[number] != number) number = parents_[number];
    return number;
  }

 private:
  std::map<std::string, std::size_t> numbers_;
  std::vector<std::size_t> parents_;
};

/// A name on one file system, to match a file with the one that it replaced. Nodes number the
/// devices of network file systems differently, so their names go without the device.
std::string place_of(const ProcessLog& log, const LoggedFile& file) {
  const std::string system = file_system_name(file.file_system);
  const std::string where =
      file_system_of(system).one_node ? fmt::format("{}/{}", log.boot_id, file.device) : system;
  return fmt::format("at {}/{}", where, without_deleted(file.path));
}

/// Indices of the log's files with a range of one of these kinds.
std::set<std::size_t> files_with(const ProcessLog& log, std::initializer_list<What> kinds) {
  std::set<std::size_t> files;
  for (const Range& range : log.ranges)
    if (std::ranges::find(kinds, range.what) != kinds.end())
      files.insert(log.sessions[range.session].file);
  return files;
}

Groups group_files(const std::vector<ProcessLog>& logs) {
  Groups groups;
  // Under another mount of the same boot the path differs, so a replaced file is matched by its
  // name.
  std::map<std::string, std::size_t> replaced;
  for (const ProcessLog& log : logs) {
    const std::set<std::size_t> replacing = files_with(log, {What::replaced});
    for (std::size_t i = 0; i < log.files.size(); ++i) {
      const LoggedFile& file = log.files[i];
      const std::size_t group = groups.group_of(identity_of(log, file));
      groups.join(group, groups.group_of(place_of(log, file)));
      if (replacing.contains(i) && !file_system_of(file_system_name(file.file_system)).one_node)
        replaced.emplace(name_of(without_deleted(file.path)), group);
    }
  }
  for (const ProcessLog& log : logs)
    for (const LoggedFile& file : log.files)
      if (const auto found = replaced.find(name_of(without_deleted(file.path)));
          found != replaced.end())
        groups.join(found->second, groups.group_of(identity_of(log, file)));
  return groups;
}

std::vector<std::string> open_modes(std::uint32_t flags) {
  std::vector<std::string> modes;
  if ((flags & 1u << O_WRONLY) != 0) modes.emplace_back("O_WRONLY");
  if ((flags & 1u << O_RDWR) != 0) modes.emplace_back("O_RDWR");
  return modes;
}

void add_modes(WatchedWriter& writer, std::uint32_t flags) {
  for (const std::string& mode : open_modes(flags))
    if (std::ranges::find(writer.opened, mode) == writer.opened.end())
      writer.opened.push_back(mode);
}

WatchedWriter writer_of(const ProcessLog& log, const LoggedFile& file) {
  return {.pid = log.pid,
          .node = log.host,
          .task = log.task,
          .command = log.command,
          .path = without_deleted(file.path),
          .file_system = file_system_name(file.file_system),
          .cache = fmt::format("{}/{}", log.boot_id, file.device),
          .exact = !log.coarse && !log.missed,
          .threads = log.threads};
}

void note_range(WatchedWriter& writer, const Range& range) {
  switch (range.what) {
    case What::called:
    case What::moved_here:
      writer.bytes.push_back({range.from, range.to});
      break;
    case What::called_near:
      writer.bytes.push_back({range.from, range.to});
      writer.exact = false;
      break;
    case What::stored:
      writer.pages.push_back({range.from, range.to});
      break;
    case What::may_store:
      writer.pages.push_back({range.from, range.to});
      writer.exact = false;
      break;
    case What::truncated:
    case What::replaced:
      writer.truncated.push_back({range.from, range.to});
      break;
  }
}

/// Returns the ranges in ascending order without overlaps. Sorts them first, so that each one is
/// appended at the end.
void tidy(std::vector<ByteRange>& ranges) {
  std::ranges::sort(ranges, {}, &ByteRange::begin);
  ByteRanges merged;
  for (const ByteRange& range : ranges) merged.add(range);
  ranges = merged.ranges();
}

/// Identities of the semaphores that exclude: created with the value 1 by a watched process, and
/// posted only by the process that had taken them.
std::set<std::string> mutexes(const std::vector<ProcessLog>& logs) {
  std::set<std::string> found, others;
  for (const ProcessLog& log : logs)
    for (const LoggedFile& file : log.files) {
      if ((file.uses & kStartsWithOne) != 0) found.insert(identity_of(log, file));
      if ((file.uses & kNoMutex) != 0) others.insert(identity_of(log, file));
    }
  for (const std::string& other : others) found.erase(other);
  return found;
}

/// `cache`: of the writer. A semaphore is a lock within one page cache only: unlike a lock of a
/// file it does not make a node write back or read again what it caches.
LockId lock_of(const ProcessLog& log, const Range& range, const std::string& cache,
               const std::set<std::string>& mutexes) {
  if (range.lock == kNone) return {};
  const std::string identity = identity_of(log, log.files[range.lock]);
  if (range.lock_kind == LockKind::semaphore)
    return mutexes.contains(identity) ? LockId{.file = fmt::format("{} in {}", identity, cache)}
                                      : LockId{};
  LockId lock{.file = identity,
              .by_flock = range.lock_kind == LockKind::whole,
              .own_bytes = range.lock_kind == LockKind::own_bytes};
  if (range.lock_kind == LockKind::bytes) lock.bytes = {range.lock_from, range.lock_to};
  return lock;
}

/// The processes that wrote a file, by its identity.
using WritingLogs = std::map<std::string, std::set<const ProcessLog*>>;

/// The ranges of one process, by the group of their files.
class LogAccesses {
 public:
  LogAccesses(const ProcessLog& log, const std::set<std::string>& mutexes, Groups& groups,
              std::map<std::size_t, std::size_t>& places, std::vector<AccessedFile>& files)
      : log_(log),
        mutexes_(mutexes),
        groups_(groups),
        places_(places),
        files_(files),
        known_(log.files.size()),
        released_(released_moments(log)) {}

  /// A file that got its name by rename counts as written by this process unless another process
  /// is known to have written it.
  void add_all(const WritingLogs& writing) {
    for (const Range& range : log_.ranges)
      if (range.what != What::moved_here || !is_written_by_another(writing, range)) add(range);
    for (const Map& map : log_.maps)
      if (map.live != 0 && log_.ended_ns == 0) {
        const Place place = place_of_file(map.file);
        WatchedWriter& killed = files_[place.file].file.writers[place.writer];
        killed.killed = true;
        killed.exact = false;
      }
  }

 private:
  bool is_written_by_another(const WritingLogs& writing, const Range& range) const {
    const auto found =
        writing.find(identity_of(log_, log_.files[log_.sessions[range.session].file]));
    return found != writing.end() &&
           std::ranges::any_of(found->second, [&](const ProcessLog* log) { return log != &log_; });
  }

  /// Indices of a file in files_, and of this process in its writers.
  struct Place {
    std::size_t file;
    std::size_t writer;
  };

  Place place_of_file(std::uint32_t number) {
    if (known_[number]) return *known_[number];
    const LoggedFile& logged = log_.files[number];
    const std::size_t group = groups_.group_of(identity_of(log_, logged));
    const auto [place, is_new] = places_.try_emplace(group, files_.size());
    if (is_new) files_.push_back({.file = {.path = without_deleted(logged.path)}});
    WatchedFile& file = files_[place->second].file;
    file.page_bytes = std::max(file.page_bytes, log_.page_bytes);
    // Two names of a file in one process, for example under two mounts, count as two writers,
    // because they have two caches.
    const auto key = std::pair(place->second, logged.device);
    const auto [writer, is_new_writer] = writers_.try_emplace(key, file.writers.size());
    if (is_new_writer) file.writers.push_back(writer_of(log_, logged));
    return known_[number].emplace(Place{place->second, writer->second});
  }

  void add(const Range& range) {
    const Session& session = log_.sessions[range.session];
    const Place place = place_of_file(session.file);
    WatchedWriter& writer = files_[place.file].file.writers[place.writer];
    note_range(writer, range);
    add_modes(writer, session.open_flags);
    writer.synced = writer.synced || session.synced != 0;
    if (seen_.insert(range.session).second) ++writer.sessions;
    files_[place.file].accesses.push_back(
        {.range = {range.from, range.to},
         .writer = place.writer,
         .held = {session.opened, session.closed, session.waited, log_.boot_id, session.acquired,
                  released_[range.session], log_.process_started, log_.before, log_.pid,
                  writer.cache},
         .what = range.what,
         .lock = lock_of(log_, range, writer.cache, mutexes_)});
  }

  /// When each session's file was released. The start or end of a child ends a session; the next
  /// session of the same file continues it.
  static std::vector<Moment> released_moments(const ProcessLog& log) {
    std::vector<Moment> moments(log.sessions.size());
    std::map<std::uint32_t, Moment> next;
    for (std::size_t i = log.sessions.size(); i-- > 0;) {
      const Session& session = log.sessions[i];
      Moment& moment = next[session.file];
      if (session.released.real_ns != 0) moment = session.released;
      moments[i] = moment;
    }
    return moments;
  }

  const ProcessLog& log_;
  const std::set<std::string>& mutexes_;
  Groups& groups_;
  std::map<std::size_t, std::size_t>& places_;
  std::vector<AccessedFile>& files_;
  std::vector<std::optional<Place>> known_;  ///< by index of the file in the log
  std::vector<Moment> released_;             ///< by session
  std::map<std::pair<std::size_t, std::uint64_t>, std::size_t> writers_;
  std::set<std::uint32_t> seen_;
};

}  // namespace

std::string file_system_name(std::int64_t magic) {
  for (const Magic& row : kMagics)
    if (row.magic == (magic & 0xffffffff)) return row.name;
  return "unknown";
}

std::vector<AccessedFile> accesses_by_file(const std::vector<ProcessLog>& logs) {
  Groups groups = group_files(logs);
  std::map<std::size_t, std::size_t> places;
  std::vector<AccessedFile> files;
  WritingLogs writing;
  for (const ProcessLog& log : logs)
    for (const std::size_t file : files_with(log, {What::called, What::called_near, What::stored}))
      writing[identity_of(log, log.files[file])].insert(&log);
  const std::set<std::string> excluding = mutexes(logs);
  for (const ProcessLog& log : logs)
    LogAccesses(log, excluding, groups, places, files).add_all(writing);
  for (AccessedFile& file : files)
    for (WatchedWriter& writer : file.file.writers) {
      tidy(writer.bytes);
      tidy(writer.pages);
      tidy(writer.truncated);
    }
  return files;
}

}  // namespace npyrace::watch
