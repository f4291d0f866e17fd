#pragma once
// A player from outside: started on demand, asked line by line, and never waited for without limit.

#include <chrono>
#include <stdexcept>
#include <string>

#include "bench/launchers/talking_child.h"

namespace npyrace {

/// A step that did not succeed; the player is ready for the next one.
class StepError : public std::runtime_error {
 public:
  StepError(const std::string& words, bool refused)
      : std::runtime_error(words), refused_(refused) {}
  /// The file system does not do such a thing at all.
  bool refused() const { return refused_; }

 private:
  bool refused_;
};

/// The player is dead or does not answer: nothing more can be asked of it.
class PlayerGone : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class PlayerProcess {
 public:
  /// `name` says in errors who it was. Throws SystemError when it cannot be started.
  PlayerProcess(std::string name, std::chrono::milliseconds patience);
  PlayerProcess(const PlayerProcess&) = delete;
  PlayerProcess& operator=(const PlayerProcess&) = delete;

  /// Lets the player do one step (see player.h) and returns the bytes it answers, as hex digits.
  /// Throws StepError, PlayerGone (and from then on always, at once), Interrupted.
  std::string ask(const std::string& line);

  const std::string& name() const { return name_; }

 private:
  std::string receive(const std::string& line);
  [[noreturn]] void give_up(const std::string& why);

  std::string name_;
  std::chrono::milliseconds patience_;
  TalkingChild child_;
  std::string gone_;  ///< why nothing more can be asked; else empty
};

}  // namespace npyrace
