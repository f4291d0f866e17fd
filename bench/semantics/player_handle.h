#pragma once
// A player from outside: asked line by line, wherever it is, and never waited for without limit.

#include <stdexcept>
#include <string>

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

class PlayerHandle {
 public:
  PlayerHandle() = default;
  PlayerHandle(const PlayerHandle&) = delete;
  PlayerHandle& operator=(const PlayerHandle&) = delete;
  virtual ~PlayerHandle() = default;

  /// Lets the player do one step (see player.h) and returns the bytes it answers, as hex digits.
  /// Throws StepError, PlayerGone (and from then on always, at once), Interrupted.
  std::string ask(const std::string& line);

 private:
  /// The answer as player.h has it. Throws PlayerGone, Interrupted.
  virtual std::string answer_to(const std::string& line) = 0;

  std::string gone_;  ///< why nothing more can be asked; else empty
};

}  // namespace npyrace
