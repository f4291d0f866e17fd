#pragma once
// A rank's process on another host, spoken with line by line through a remote shell.

#include <poll.h>

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "bench/lab/descriptor.h"
#include "bench/launchers/child_process.h"
#include "bench/ssh/line_buffer.h"

namespace npyrace {

struct ConnectionRequest {
  std::string rsh;  ///< a shell command that host and command are appended to
  std::string host;
  std::string npyrace;
};

class Connection {
 public:
  /// Starts the remote shell, and waits for nothing. Throws SystemError.
  explicit Connection(const ConnectionRequest& request);

  /// Whether it could be said within `patience`. `line` has no newline.
  bool send(const std::string& line, std::chrono::milliseconds patience);

  /// What can be waited for: lines, and what it says on standard error.
  std::vector<pollfd> descriptors() const;
  /// Takes what has come. False: there will be no more.
  bool take();
  /// The next line that has come.
  std::optional<std::string> line() { return lines_.next(); }
  /// The next line of standard error.
  std::optional<std::string> note();

  /// Says that nothing more will be said: a rank ends then.
  void close_input() { input_.reset(); }
  bool has_ended() { return child_.poll().has_value(); }

  /// How it came to an end: "connection closed (exit code 255): ssh: connect to host ...". Waits
  /// a moment for it.
  std::string last_words();
  /// The status as waitpid gives it, if it has ended by itself.
  std::optional<int> status() { return child_.poll(); }

 private:
  struct Pipes;
  Connection(const ConnectionRequest& request, Pipes&& pipes);

  lab::Descriptor input_, output_, error_;
  ChildProcess child_;
  LineBuffer lines_, error_lines_;
  std::deque<std::string> notes_;
  std::string last_note_;
};

}  // namespace npyrace
