#include "bench/watch/watched.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "bench/storage/mounts.h"
#include "bench/watch/accesses.h"
#include "bench/watch/hazards.h"
#include "bench/watch/process_log.h"
#include "core/base/error.h"
#include "core/file/posix_file.h"
#include "core/npy/npy_header.h"
#include "reports/text/inspect_report.h"

namespace npyrace::watch {
namespace {

/// Reads the header of the file under the first of its names that can be opened.
void inspect(WatchedFile& file) {
  for (const WatchedWriter& writer : file.writers) {
    try {
      const auto opened = open_posix_file(writer.path, {.access = npyrace::Access::read});
      const InspectedFile inspected{writer.path, read_header(*opened), opened->size_bytes()};
      file.npy_json = inspect_json(inspected);
      const auto& shape = inspected.header.shape;
      file.data_offset_bytes = inspected.header.data_offset_bytes;
      if (shape.empty() || shape[0] == 0 || inspected.header.dtype.has_object()) return;
      // In Fortran order one item is taken as the record, because a row is not contiguous.
      file.record_bytes = inspected.header.fortran_order && shape.size() > 1
                              ? inspected.header.itemsize_bytes()
                              : inspected.header.data_bytes() / shape[0];
      return;
    } catch (const std::runtime_error&) {
      continue;  // removed, on another node, or no NPY file
    }
  }
}

/// Unit in which these file systems lock, as stat reports it; 0 for others.
std::uint64_t unit_bytes(const WatchedFile& file) {
  constexpr const char* kLockUnits[] = {"gpfs", "lustre", "ceph", "beegfs"};
  struct stat status {};
  if (std::ranges::find(kLockUnits, file.writers[0].file_system) == std::end(kLockUnits) ||
      ::stat(file.path.c_str(), &status) != 0)
    return 0;
  return static_cast<std::uint64_t>(status.st_blksize);
}

Consistency known_about(const WatchedFile& file, const WatchedQuestion& question) {
  if (question.measured) return *question.measured;
  if (const auto lab = lab_consistency(); lab && !place_in_lab(file.path).empty()) return *lab;
  return documented_consistency(file.writers[0].file_system);
}

void add_unseen(const std::vector<ProcessLog>& logs, std::vector<std::string>& unseen) {
  for (const ProcessLog& log : logs) {
    const std::string process = fmt::format("process {} on {}", log.pid, log.host);
    for (const std::string& note : log.notes)
      unseen.push_back(fmt::format("{} ({})", note, process));
    if (log.stores == Stores::upper_bound)
      unseen.push_back(fmt::format(
          "this kernel does not show stores into mappings: all that was mapped writable counts as "
          "written ({})",
          process));
    if (log.missed)
      unseen.push_back(fmt::format(
          "its log or the disk was full: a part of what it wrote is missing ({})", process));
    const bool mapped = std::ranges::any_of(log.maps, [](const Map& map) { return map.live != 0; });
    if (log.ended_ns == 0 && mapped)
      unseen.push_back(fmt::format(
          "it was killed, or still runs, with a mapping: its last stores were not seen ({})",
          process));
  }
  std::ranges::sort(unseen);
  unseen.erase(std::unique(unseen.begin(), unseen.end()), unseen.end());
}

std::string consistency_words(const Consistency& known) {
  const auto words = [](Outcome outcome) {
    return outcome == Outcome::keeps   ? "kept apart"
           : outcome == Outcome::loses ? "lost"
                                       : "unknown";
  };
  return fmt::format("two nodes in one page: written by calls {}, stored into mappings {}; {}",
                     words(known.calls), words(known.stores), known.source);
}

double process_seconds(const ProcessLog& log) {
  return log.ended_ns > log.started_ns ? static_cast<double>(log.ended_ns - log.started_ns) / 1e9
                                       : 0;
}

}  // namespace

WatchResult watched(const WatchedQuestion& question) {
  const ProcessLogs read = read_process_logs(question.folder);
  WatchResult result{.unseen = read.problems,
                     .processes = read.logs.size(),
                     .clock_error_seconds = question.clock_error_seconds,
                     .version = NPYRACE_VERSION};
  for (const ProcessLog& log : read.logs) {
    result.collector_seconds += static_cast<double>(log.collector_ns) / 1e9;
    result.process_seconds += process_seconds(log);
  }
  for (AccessedFile& accessed : accesses_by_file(read.logs)) {
    inspect(accessed.file);
    const Consistency known = known_about(accessed.file, question);
    accessed.file.consistency = consistency_words(known);
    find_hazards(accessed, {.consistency = known,
                            .clock_error_seconds = question.clock_error_seconds,
                            .unit_bytes = unit_bytes(accessed.file)});
    result.files.push_back(std::move(accessed.file));
  }
  std::ranges::stable_sort(result.files, {}, [](const WatchedFile& file) {
    return file.hazards.empty() ? 3 : static_cast<int>(file.hazards[0].level);
  });
  add_unseen(read.logs, result.unseen);
  return result;
}

}  // namespace npyrace::watch
