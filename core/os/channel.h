#pragma once
// Lines out of pieces of text as they come.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/os/process.h"

namespace npyrace {

class LineBuffer {
 public:
  void add(std::string_view part) { text_.append(part); }

  /// The next whole line, without its end; carriage returns of terminals are no part of it.
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

}  // namespace npyrace

namespace npyrace::lab {

// Lines between a lab and its server process.

/// Number of the socket's descriptor in the server process, and of the folder's lock.
inline constexpr int kServerSocket = 3;
inline constexpr int kServerLock = 4;

class Channel {
 public:
  /// Takes the descriptor over.
  explicit Channel(int socket) : socket_(socket) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  /// Whether it could be sent. `line` has no newline.
  bool send(const std::string& line);
  /// The next line; nothing when the other side is gone or the time is over.
  std::optional<std::string> receive(std::chrono::milliseconds patience);
  /// Waits for ever.
  std::optional<std::string> receive() { return receive(std::chrono::milliseconds(-1)); }

  /// Whether `receive` would return at once.
  bool has_news() const;

  int descriptor() const { return socket_; }

 private:
  int socket_;
  std::string received_;
};

}  // namespace npyrace::lab

namespace npyrace {

// A process of our own binary that is told and answers line by line, and is never waited for
// without limit.

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
