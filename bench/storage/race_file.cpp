#include "bench/storage/race_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <regex>
#include <sstream>
#include <string_view>
#include <thread>
#include <utility>

#include "bench/storage/job_folder.h"
#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

/// FNV-1a: short and stable; no security needed.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return value;
}

std::string short_hash(std::string_view text) {
  const std::uint64_t value = hash(text);
  return fmt::format("{:08x}", (value >> 32) ^ (value & 0xffffffff));
}

/// Processes of other namespaces have numbers, or times of their start, that differ from those
/// here.
std::string own_namespace(const char* kind) {
  std::error_code ignored;
  return std::filesystem::read_symlink(fmt::format("/proc/self/ns/{}", kind), ignored).string();
}

std::string host_hash() {
  char name[HOST_NAME_MAX + 1] = {};
  ::gethostname(name, HOST_NAME_MAX);
  return fmt::format("{:016x}",
                     hash(fmt::format("{}\n{}\n{}\n{}", name, first_line("/etc/machine-id"),
                                      own_namespace("pid"), own_namespace("time"))));
}

/// Field 22 of /proc/PID/stat; the second field may contain blanks and parentheses. 0: no such
/// process.
std::uint64_t start_ticks(std::int64_t pid) {
  const std::string line = first_line(fmt::format("/proc/{}/stat", pid));
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream words(line.substr(name_end + 1));
  std::string word;
  for (int field = 3; field <= 22; ++field) words >> word;
  return std::strtoull(word.c_str(), nullptr, 10);
}

std::int64_t boot_time() {
  return static_cast<std::int64_t>(std::time(nullptr)) -
         std::strtoll(first_line("/proc/uptime").c_str(), nullptr, 10);
}

}  // namespace

RaceFileOwner this_process() {
  const std::int64_t pid = ::getpid();
  return {.host = host_hash(),
          .boot = short_hash(first_line("/proc/sys/kernel/random/boot_id")),
          .pid = pid,
          .start_ticks = start_ticks(pid)};
}

std::string race_file_name(const RaceFileOwner& owner, std::uint64_t number) {
  const std::string stem = fmt::format("npyrace-{}-{}-{}-{}-{}", owner.host, owner.boot, owner.pid,
                                       owner.start_ticks, number);
  return fmt::format("{}-{}.npy", stem, short_hash(stem));
}

std::optional<RaceFileOwner> race_file_owner(const std::string& name) {
  static const std::regex form(
      R"((npyrace-([0-9a-f]{16})-([0-9a-f]{8})-(\d{1,10})-(\d{1,18})-\d{1,18})-([0-9a-f]{8})\.npy(?:\.part\d{1,10}-\d{1,10}(?:\.tmp)?|\.locktest\.\d{1,10})?)");
  std::smatch parts;
  if (!std::regex_match(name, parts, form)) return std::nullopt;
  if (short_hash(parts[1].str()) != parts[6].str()) return std::nullopt;
  return RaceFileOwner{.host = parts[2],
                       .boot = parts[3],
                       .pid = std::stoll(parts[4]),
                       .start_ticks = std::stoull(parts[5])};
}

// A different boot id may belong to another host of the same name on a shared file system. Then
// only a file older than our own boot is certainly stale.
bool has_ended(const RaceFileOwner& owner, std::int64_t modified) {
  const RaceFileOwner self = this_process();
  if (owner.host != self.host) return false;
  if (owner.boot != self.boot) return modified < boot_time();
  return start_ticks(owner.pid) != owner.start_ticks;
}

// While the descriptor is open, the inode number cannot be reused and does not change on file
// systems that generate numbers dynamically. O_PATH reads no page and breaks no lease.
FileIdentity::FileIdentity(std::string path, std::uint64_t size_bytes)
    : path_(std::move(path)),
      size_bytes_(size_bytes),
      descriptor_(::open(path_.c_str(), O_PATH | O_CLOEXEC)) {
  if (descriptor_ < 0) throw SystemError({path_, "open O_PATH"}, errno);
}

FileIdentity::~FileIdentity() {
  forget();
}

void FileIdentity::forget() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

std::string FileIdentity::replacement_error() const {
  struct stat named {};
  struct stat held {};
  if (::stat(path_.c_str(), &named) != 0)
    return errno == ENOENT ? "was removed"
                           : fmt::format("cannot be looked at: {}", ::strerror(errno));
  if (::fstat(descriptor_, &held) != 0)  // NFS: ESTALE for a removed file
    return errno == ESTALE ? "was replaced by another file"
                           : fmt::format("cannot be looked at: {}", ::strerror(errno));
  const bool same = named.st_dev == held.st_dev && named.st_ino == held.st_ino;
  return same ? "" : "was replaced by another file";
}

std::string FileIdentity::resized(const std::string& path) const {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return "";
  const auto size_bytes = static_cast<std::uint64_t>(status.st_size);
  if (size_bytes == size_bytes_) return "";
  return fmt::format("{} {} bytes", size_bytes < size_bytes_ ? "was truncated to" : "has grown to",
                     size_bytes);
}

namespace {

std::uint64_t next_number() {
  static std::atomic<std::uint64_t> number{0};
  return number++;
}

/// Time limit for a new file to become visible on another mount; attribute caches last seconds.
constexpr std::int64_t kVisibleWithinNs = 5'000'000'000;

}  // namespace

void wait_until_visible(const std::string& made, const std::string& seen,
                        std::uint64_t size_bytes) {
  const std::int64_t start_ns = monotonic_ns();
  bool there = false;
  struct stat status {};
  for (;;) {
    there = ::stat(seen.c_str(), &status) == 0;
    if (there && std::uint64_t(status.st_size) == size_bytes) return;
    if (monotonic_ns() - start_ns > kVisibleWithinNs) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  if (there)
    throw FormatError(fmt::format("{}: has {} bytes, but was created with {} as {}", seen,
                                  status.st_size, size_bytes, made));
  throw FormatError(
      fmt::format("{}: not there, but was created as {}: --dir and --judge take "
                  "mounts of the same file system",
                  seen, made));
}

namespace {

void remove_parts(const std::string& path) {
  const std::filesystem::path file(path);
  const std::string name = file.filename().string();
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(file.parent_path(), error)) {
    const std::string other = entry.path().filename().string();
    if (other.starts_with(name + ".part") || other.starts_with(name + ".locktest."))
      ::unlink(entry.path().c_str());
  }
}

}  // namespace

bool remove_race_file(const std::string& path) {
  const bool removed = ::unlink(path.c_str()) == 0;
  remove_job_files(path);
  remove_parts(path);
  return removed;
}

void require_one_file_system(const std::vector<std::string>& dirs, const FileOpener& open_file) {
  if (dirs.size() > 1) RaceFile(dirs, ArrayMap({.records = 1}), open_file);
}

namespace {

void write_array_unsynced(File& file, const ArrayMap& map) {
  file.allocate(map.file_bytes());
  file.write_at(map.header(), 0);
}

}  // namespace

void write_empty_array(File& file, const ArrayMap& map) {
  write_array_unsynced(file, map);
  file.sync();
  file.drop_cache(0, map.file_bytes());
}

ArrayMaker array_maker(Making making) {
  return [making](const std::string& path, const ArrayMap& map, const FileOpener& open_file) {
    const auto file = open_file(path, {.access = Access::read_write, .create_new = true});
    (making == Making::synced ? write_empty_array : write_array_unsynced)(*file, map);
    file->close();
  };
}

RaceFile::RaceFile(const std::vector<std::string>& dirs, const ArrayMap& map,
                   const FileOpener& open_file, const ArrayMaker& make)
    : dirs_(dirs), size_bytes_(map.file_bytes()) {
  const std::string name = race_file_name(this_process(), next_number());
  for (const std::string& dir : dirs) paths_.push_back(dir + "/" + name);
  if (::access(paths_[0].c_str(), F_OK) == 0) throw SystemError({paths_[0], "open"}, EEXIST);
  try {
    make(paths_[0], map, open_file);
    // A user program may create it with a header of another size.
    const std::uint64_t made_bytes = std::filesystem::file_size(paths_[0]);
    for (const std::string& path : paths_) wait_until_visible(paths_[0], path, made_bytes);
    identity_.emplace(paths_[0], made_bytes);
  } catch (...) {
    // The destructor does not run after an exception in the constructor.
    ::unlink(paths_[0].c_str());
    throw;
  }
}

void RaceFile::adopt_named() {
  struct stat status {};
  if (::stat(paths_[0].c_str(), &status) != 0) throw SystemError({paths_[0], "stat"}, errno);
  // Its own size, so that a new file that is smaller is not taken for a truncation.
  identity_.emplace(paths_[0], static_cast<std::uint64_t>(status.st_size));
}

std::string RaceFile::path_in(const std::string& dir) const {
  return dir + "/" + std::filesystem::path(paths_.front()).filename().string();
}

RaceFile::~RaceFile() {
  identity_.reset();  // NFS only renames an open file instead of removing it
  if (left_) return;
  if (remove_)
    remove_race_file(paths_[0]);
  else
    remove_parts(paths_[0]);
}

std::string RaceFile::keep(const std::string& name) {
  const std::string target = dirs_[0] + "/" + name;
  // link fails for an existing name, rename would replace it; some file systems lack links.
  if (::link(paths_[0].c_str(), target.c_str()) == 0) return target;
  if (errno == EEXIST) throw SystemError({target, "link"}, EEXIST);
  if (::access(target.c_str(), F_OK) == 0) throw SystemError({target, "rename"}, EEXIST);
  if (::rename(paths_[0].c_str(), target.c_str()) != 0)
    throw SystemError({target, "rename"}, errno);
  remove_ = false;
  return target;
}

std::vector<std::string> remove_leftovers(const std::string& dir) {
  namespace fs = std::filesystem;
  std::vector<std::string> removed;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(dir, error)) {
    const auto owner = race_file_owner(entry.path().filename().string());
    struct stat status {};
    if (!owner || ::lstat(entry.path().c_str(), &status) != 0) continue;
    if (!S_ISREG(status.st_mode) || !has_ended(*owner, status.st_mtime)) continue;
    if (fs::exists(queued_job_path(entry.path().string()))) continue;
    if (remove_race_file(entry.path().string())) removed.push_back(entry.path().string());
  }
  return removed;
}

}  // namespace npyrace
