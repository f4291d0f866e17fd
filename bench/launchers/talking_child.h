#pragma once
// A process of our own binary that is told and answers line by line, and is never waited for
// without limit.

#include <chrono>
#include <optional>
#include <string>

#include "bench/lab/channel.h"
#include "bench/launchers/child_process.h"

namespace npyrace {

class TalkingChild {
 public:
  /// `command` is a hidden one that takes --socket and --parent. Throws SystemError.
  explicit TalkingChild(const std::string& command);

  /// Whether it could be said; where nobody hears it, nobody answers either.
  bool send(const std::string& line) { return channel_.send(line); }

  struct Answer {
    std::optional<std::string> line;
    std::optional<int> exit_status;  ///< instead of a line: it has ended; neither: it is silent
  };
  /// What it says within `patience`, asked again and again whether it lives. Throws Interrupted.
  Answer receive(std::chrono::milliseconds patience);

  void kill() { child_.kill(); }

 private:
  struct Sockets;
  TalkingChild(const std::string& command, Sockets&& sockets);

  lab::Channel channel_;
  ChildProcess child_;
};

}  // namespace npyrace
