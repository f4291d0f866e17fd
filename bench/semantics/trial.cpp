#include "bench/semantics/trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace npyrace {
namespace {

/// Attribute caches of network file systems last three to six seconds after a change.
constexpr double kWatchSeconds = 10;
constexpr std::chrono::milliseconds kPause{10};

std::string between(const SceneRequest& request) {
  const char* form = request.experiment.sharing->shared ? "{} and {} write" : "{} writes, {} looks";
  return fmt::format(fmt::runtime(form), request.writer.name, request.reader.name);
}

}  // namespace

Trial::Trial(SceneRequest request) : experiment_(request.experiment) {
  try_.between = between(request);
  waited_ = std::make_unique<Scene>(request);
  for (std::size_t act = 0; act < experiment_.via->acts.size(); ++act) {
    ++request.number;
    scenes_.push_back(std::make_unique<Scene>(request));
  }
}

bool Trial::settled() {
  return scenes_.back()->settled();
}

// The file without an act is written first and looked at last: time does more for it than for any
// other, so whatever it does not show, time alone does not bring about.
void Trial::play() {
  waited_->prepare();
  for (const auto& scene : scenes_) scene->prepare();
  waited_->write();
  for (std::size_t i = 0; i < scenes_.size(); ++i) {
    scenes_[i]->write();
    scenes_[i]->act(experiment_.via->acts[i]);
    try_.acts.push_back(scenes_[i]->look());
    const bool closed = i + 1 == scenes_.size();  // the reader may go on to watch it
    if (!closed) scenes_[i]->part();
  }
  try_.waited = waited_->look();
  waited_.reset();
  const Looks& closed = try_.acts.back();
  const Look& last = closed.opened ? *closed.opened : closed.held;
  if (last.is_new) seen_after(last.seconds);
}

/// What is seen need not be held any longer: there may be many tries.
void Trial::seen_after(double seconds) {
  try_.later_seconds = seconds;
  scenes_.back()->part();
}

bool Trial::too_slow_to_tell() const {
  const Looks& write = try_.acts.front();
  const bool held = write.held.is_new && write.held.seconds > kAtOnceSeconds;
  return held || (write.opened && write.opened->is_new && write.opened->seconds > kAtOnceSeconds);
}

bool Trial::watch() {
  if (try_.later_seconds) return false;
  const Look look = scenes_.back()->look_again();
  try_.watched_seconds = look.seconds;
  if (look.is_new) seen_after(look.seconds);
  return !look.is_new && look.seconds < kWatchSeconds;
}

void Trial::finish() {
  for (std::size_t i = 0; i < scenes_.size(); ++i) {
    scenes_[i]->part();
    Look look = scenes_[i]->look_by_new_open();
    while (!look.is_new && look.seconds < kWatchSeconds) {
      std::this_thread::sleep_for(kPause);
      look = scenes_[i]->look_by_new_open();
    }
    try_.watched_seconds = std::max(try_.watched_seconds, look.seconds);
    if (!look.is_new)
      try_.lost.push_back(fmt::format("after {}: {}", experiment_.via->acts[i].name, look.found));
  }
}

}  // namespace npyrace
