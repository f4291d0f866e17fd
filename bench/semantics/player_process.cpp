#include "bench/semantics/player_process.h"

#include <fmt/format.h>

#include <utility>

namespace npyrace {
namespace {

/// The verb is enough to say where a player got stuck.
std::string first_word(const std::string& line) {
  return line.substr(0, line.find(' '));
}

}  // namespace

PlayerProcess::PlayerProcess(std::string name, std::chrono::milliseconds patience)
    : name_(std::move(name)), patience_(patience), child_("player") {}

std::string PlayerProcess::answer_to(const std::string& line) {
  child_.send(line);
  const TalkingChild::Answer answer = child_.receive(patience_);
  if (answer.line) return *answer.line;
  if (answer.exit_status)
    give_up(fmt::format("{}: the player died in {}: {}", name_, first_word(line),
                        describe_exit(*answer.exit_status)));
  give_up(fmt::format("{}: {} did not return within {} s", name_, first_word(line),
                      std::chrono::duration<double>(patience_).count()));
}

void PlayerProcess::give_up(const std::string& why) {
  child_.kill();
  throw PlayerGone(why);
}

}  // namespace npyrace
