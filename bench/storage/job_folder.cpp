#include "bench/storage/job_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "bench/storage/sidecar.h"
#include "core/base/error.h"

namespace npyrace {

std::string job_folder(const std::string& array_path) {
  return array_path + ".npyrace.d";
}

std::string job_record_path(const std::string& array_path, std::uint64_t writer) {
  return fmt::format("{}/worker-{:04}.json", job_folder(array_path), writer);
}

std::string job_claim_path(const std::string& array_path, std::uint64_t writer) {
  return fmt::format("{}/worker-{:04}.claim", job_folder(array_path), writer);
}

std::string queued_job_path(const std::string& array_path) {
  return job_folder(array_path) + "/queued-job";
}

void make_new_job_folder(const std::string& array_path) {
  const std::string folder = job_folder(array_path);
  if (::mkdir(folder.c_str(), 0777) != 0) throw SystemError({folder, "mkdir"}, errno);
}

void make_job_folder(const std::string& array_path) {
  try {
    make_new_job_folder(array_path);
  } catch (const SystemError& error) {
    struct stat status {};
    const bool is_other =
        ::lstat(job_folder(array_path).c_str(), &status) == 0 && !S_ISDIR(status.st_mode);
    if (error.error_number() != EEXIST || is_other) throw;
  }
}

void remove_job_files(const std::string& array_path) {
  std::error_code error;
  std::filesystem::remove_all(job_folder(array_path), error);
  std::filesystem::remove(sidecar_path(array_path), error);
}

}  // namespace npyrace
