#include "bench/mpi/last_will.h"

#include <unistd.h>

#include <utility>

#include "bench/exit_code.h"
#include "bench/interrupt.h"
#include "bench/race/race_file.h"

namespace npyrace {
namespace {

constexpr std::chrono::milliseconds kGlance{20};

}  // namespace

LastWill::LastWill(std::chrono::milliseconds grace, std::string words)
    : grace_(grace),
      words_(std::move(words)),
      watcher_([this](const std::stop_token& stop) { watch(stop); }) {}

void LastWill::set_race_file(std::string path) {
  const std::lock_guard lock(mutex_);
  race_file_ = std::move(path);
}

void LastWill::watch(const std::stop_token& stop) {
  while (!interrupted() && !stop.stop_requested()) std::this_thread::sleep_for(kGlance);
  for (auto left = grace_; left.count() > 0 && !stop.stop_requested(); left -= kGlance)
    std::this_thread::sleep_for(kGlance);
  if (!stop.stop_requested()) execute();
}

void LastWill::execute() {
  const std::lock_guard lock(mutex_);
  if (!race_file_.empty()) remove_race_file(race_file_);
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, words_.data(), words_.size());
  ::_exit(static_cast<int>(ExitCode::trouble));
}

}  // namespace npyrace
