#include "bench/race/race_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "bench/jobs/job_folder.h"
#include "bench/race/race_file_name.h"
#include "bench/stopwatch.h"
#include "core/error.h"

namespace npyrace {
namespace {

std::uint64_t next_number() {
  static std::atomic<std::uint64_t> number{0};
  return number++;
}

/// How long another mount may take to show a new file: attribute caches last seconds.
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
      fmt::format("{}: not there, but was created as {}: --dir takes mounts of the "
                  "same file system",
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
    // A user's own program may make it with another header than ours.
    const std::uint64_t made_bytes = std::filesystem::file_size(paths_[0]);
    for (const std::string& path : paths_) wait_until_visible(paths_[0], path, made_bytes);
    identity_.emplace(paths_[0], made_bytes);
  } catch (...) {
    ::unlink(paths_[0].c_str());  // the destructor of a half-made object does not run
    throw;
  }
}

void RaceFile::adopt_named() {
  identity_.emplace(paths_[0], size_bytes_);
}

std::string RaceFile::path_in(const std::string& dir) const {
  return dir + "/" + std::filesystem::path(paths_.front()).filename().string();
}

RaceFile::~RaceFile() {
  identity_.reset();  // a file that is held is only renamed by NFS
  if (left_) return;
  if (remove_)
    remove_race_file(paths_[0]);
  else
    remove_parts(paths_[0]);
}

std::string RaceFile::keep(const std::string& name) {
  const std::string target = dirs_[0] + "/" + name;
  // link refuses an existing name, rename would overwrite it; some file systems have no links.
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
