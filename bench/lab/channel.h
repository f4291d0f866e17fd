#pragma once
// Lines between a lab and its server process.

#include <chrono>
#include <optional>
#include <string>

namespace npyrace::lab {

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
