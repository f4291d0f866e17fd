#include "bench/remote/interrupt_cleanup.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "bench/storage/race_file.h"
#include "core/os/exit_code.h"
#include "core/os/signals.h"

namespace npyrace {
namespace {

constexpr std::chrono::milliseconds kGlance{20};

}  // namespace

InterruptCleanup::InterruptCleanup(std::chrono::milliseconds grace, std::string words)
    : grace_(grace),
      words_(std::move(words)),
      watcher_([this](const std::stop_token& stop) { watch(stop); }) {}

void InterruptCleanup::set_race_file(std::string path) {
  const std::lock_guard lock(mutex_);
  race_file_ = std::move(path);
}

void InterruptCleanup::watch(const std::stop_token& stop) {
  while (!interrupted() && !stop.stop_requested()) std::this_thread::sleep_for(kGlance);
  for (auto left = grace_; left.count() > 0 && !stop.stop_requested(); left -= kGlance)
    std::this_thread::sleep_for(kGlance);
  if (!stop.stop_requested()) execute();
}

void InterruptCleanup::execute() {
  const std::lock_guard lock(mutex_);
  if (!race_file_.empty()) remove_race_file(race_file_);
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, words_.data(), words_.size());
  ::_exit(static_cast<int>(ExitCode::trouble));
}

namespace {

bool wants_mpi(std::span<char* const> arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--launcher=mpi") return true;
    if (argument == "--launcher" && i + 1 < arguments.size() &&
        std::string_view(arguments[i + 1]) == "mpi")
      return true;
  }
  return false;
}

}  // namespace

bool is_silent_rank(std::span<char* const> arguments) {
  // Set by Open MPI, by PMIx launchers, and by MPICH's launcher.
  constexpr const char* kRanks[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"};
  return wants_mpi(arguments) && std::ranges::any_of(kRanks, [](const char* name) {
           const char* rank = std::getenv(name);
           return rank != nullptr && std::string_view(rank) != "0";
         });
}

}  // namespace npyrace
