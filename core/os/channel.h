#pragma once
// Line-based communication over sockets and pipes: splitting a byte stream into lines, the channel
// between a lab and its server, and child processes with a request-reply protocol.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/os/process.h"

namespace npyrace {

class LineBuffer {
 public:
  void add(std::string_view part) { text_.append(part); }

  /// The next complete line, without its line end and a preceding carriage return.
  std::optional<std::string> next() {
    const std::size_t end = text_.find('\n', begin_);
    if (end == std::string::npos) {
      text_.erase(0, begin_);
      begin_ = 0;
      return std::nullopt;
    }
    std::string line = text_.substr(begin_, end - begin_);
    begin_ = end + 1;
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }

 private:
  std::string text_;
  std::size_t begin_ = 0;
};

// Channel between a lab and its server process.

class Channel {
 public:
  /// Takes ownership of the descriptor.
  explicit Channel(int socket) : socket_(socket) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  /// Returns false if the line, given without newline, could not be sent.
  bool send(const std::string& line);
  /// The next line; nothing at end of file or on timeout.
  std::optional<std::string> receive(std::chrono::milliseconds patience);
  /// Waits without a time limit.
  std::optional<std::string> receive() { return receive(std::chrono::milliseconds(-1)); }

  /// True if `receive` would return at once.
  bool has_news() const;

  int descriptor() const { return socket_; }

 private:
  int socket_;
  std::string received_;
};

// A child process of our own binary that answers requests line by line; every wait has a time
// limit.

class TalkingChild {
 public:
  /// `command` is a hidden command that takes --socket and --parent. Throws SystemError.
  explicit TalkingChild(const std::string& command);

  /// Returns false if the line could not be sent; no answer will follow then.
  bool send(const std::string& line) { return channel_.send(line); }

  struct Answer {
    std::optional<std::string> line;
    /// Set instead of a line if the child has exited; neither: timeout.
    std::optional<int> exit_status;
  };
  /// Waits for a line for up to `patience`, while regularly checking that the child is alive.
  /// Throws Interrupted.
  Answer receive(std::chrono::milliseconds patience);

  void kill() { child_.kill(); }

 private:
  struct Sockets;
  TalkingChild(const std::string& command, Sockets&& sockets);

  Channel channel_;
  ChildProcess child_;
};

}  // namespace npyrace
