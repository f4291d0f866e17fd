#pragma once
// The hosts that launcher ssh connects to.

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/os/channel.h"
#include "core/os/descriptor.h"
#include "core/os/process.h"

namespace npyrace {

struct SshHost {
  std::string name;  ///< as the remote shell takes it
  std::string dir;   ///< absolute, where the file system is mounted there; empty: where it is here
};

struct SshOrder {
  std::vector<SshHost> hosts;     ///< writer w is on host w modulo their number
  std::vector<std::string> dirs;  ///< absolute; writers of hosts without one: w modulo these
  std::string rsh;                ///< a shell command that host and command are appended to
  std::string npyrace;            ///< the program there
  std::string version;            ///< that it must be of
  std::uint64_t writers = 1;      ///< most that any cell has
  std::chrono::seconds patience{120};

  const SshHost& host_of(std::uint64_t writer) const { return hosts[writer % hosts.size()]; }
  const std::string& dir_of(std::uint64_t writer) const {
    const std::string& dir = host_of(writer).dir;
    return dir.empty() ? dirs[writer % dirs.size()] : dir;
  }
};

/// "n1", "me@n2:/other/dir", "[fe80::1]:/dir". Throws UsageError.
SshHost parse_ssh_host(const std::string& text);

// A rank's process on another host, spoken with line by line through a remote shell.

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
