#include "bench/remote/rank_place.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <map>
#include <set>

#include "bench/storage/race_file.h"
#include "core/base/error.h"
#include "core/file/posix_file.h"

namespace npyrace {
namespace {

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  ::gethostname(name.data(), HOST_NAME_MAX);
  return name.data();
}

std::string time_namespace() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/ns/time", ignored).string();
}

dev_t device_of(const std::string& dir) {
  struct stat status {};
  if (::stat(dir.c_str(), &status) != 0) throw SystemError({dir, "stat"}, errno);
  return status.st_dev;
}

}  // namespace

// Containers have different host names but share the kernel's page cache, so places are compared by
// kernel. Two kernels that are mistaken for one only weaken the evidence.
RankPlace look_at_place(const std::vector<std::string>& dirs, const std::string& judge_dir) {
  RankPlace place{.host_name = host_name(), .kernel = this_process().boot};
  place.clock = fmt::format("{} {} {}", place.kernel, place.host_name, time_namespace());
  for (const std::string& dir : dirs)
    place.caches.push_back(fmt::format("{}:{}", place.kernel, device_of(dir)));
  place.judge = try_judge(judge_dir, open_posix_file);
  return place;
}

std::vector<std::uint64_t> caches_of(const std::vector<RankPlace>& places, std::uint64_t writers) {
  std::map<std::string, std::uint64_t> numbers;
  std::vector<std::uint64_t> caches;
  for (std::uint64_t writer = 0; writer < writers; ++writer) {
    const std::vector<std::string>& names = places[writer].caches;
    caches.push_back(numbers.emplace(names[writer % names.size()], numbers.size()).first->second);
  }
  return caches;
}

std::size_t count_kernels(const std::vector<RankPlace>& places, std::uint64_t ranks) {
  std::set<std::string> kernels;
  for (std::uint64_t rank = 0; rank < ranks; ++rank) kernels.insert(places[rank].kernel);
  return kernels.size();
}

void require_ranks(const std::vector<RankPlace>& places, std::uint64_t writers) {
  const std::size_t most = places.size();
  if (most == 0) throw UsageError("launcher mpi is selected by --launcher mpi, under mpirun");
  if (writers == 1 || writers <= most) return;
  if (most == 1)
    throw UsageError(fmt::format(
        "launcher mpi needs one rank per writer, but only one was started: mpirun -n {} npyrace run "
        "--launcher mpi ...",
        writers));
  throw UsageError(fmt::format(
      "--writers {}: mpirun has started {} ranks, and each writer needs one: mpirun -n {}", writers,
      most, writers));
}

void require_hosts(const std::vector<RankPlace>& places, std::uint64_t writers) {
  if (places.empty()) throw UsageError("launcher ssh is selected by --launcher ssh --hosts n1,n2");
  if (writers > places.size())
    throw UsageError(
        fmt::format("{} writers were requested, and launcher ssh has started {}: "
                    "--writers {}",
                    writers, places.size(), writers));
}

}  // namespace npyrace
