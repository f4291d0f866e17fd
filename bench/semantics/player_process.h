#pragma once
// A player that is a process of this machine, started on demand.

#include <chrono>
#include <string>

#include "bench/launchers/talking_child.h"
#include "bench/semantics/player_handle.h"

namespace npyrace {

class PlayerProcess final : public PlayerHandle {
 public:
  /// `name` says in errors who it was. Throws SystemError when it cannot be started.
  PlayerProcess(std::string name, std::chrono::milliseconds patience);

 private:
  std::string answer_to(const std::string& line) override;
  [[noreturn]] void give_up(const std::string& why);

  std::string name_;
  std::chrono::milliseconds patience_;
  TalkingChild child_;
};

}  // namespace npyrace
