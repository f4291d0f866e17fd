#pragma once
// Hosts of launcher ssh, and the line-based connection to a rank's process there through a remote
// shell.

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
  std::string name;  ///< host name as passed to the remote shell
  std::string dir;   ///< absolute mount point there; empty: the same as here
};

struct SshOrder {
  std::vector<SshHost> hosts;  ///< writer w is on host w modulo their number
  /// Absolute; used on hosts without a directory of their own, by writer w modulo size.
  std::vector<std::string> dirs;
  std::string rsh;            ///< shell command to which host and command are appended
  std::string npyrace;        ///< path of the binary there
  std::string version;        ///< required version
  std::uint64_t writers = 1;  ///< largest number of writers of any cell
  std::chrono::seconds patience{120};

  const SshHost& host_of(std::uint64_t writer) const { return hosts[writer % hosts.size()]; }
  const std::string& dir_of(std::uint64_t writer) const {
    const std::string& dir = host_of(writer).dir;
    return dir.empty() ? dirs[writer % dirs.size()] : dir;
  }
};

/// Parses "n1", "me@n2:/other/dir", "[fe80::1]:/dir". Throws UsageError.
SshHost parse_ssh_host(const std::string& text);

// One rank's process on another host, reached through a remote shell.

struct ConnectionRequest {
  std::string rsh;  ///< shell command to which host and command are appended
  std::string host;
  std::string npyrace;
};

class Connection {
 public:
  /// Starts the remote shell without waiting for it. Throws SystemError.
  explicit Connection(const ConnectionRequest& request);

  /// Sends a line, without its newline. Returns false if that took longer than `patience`.
  bool send(const std::string& line, std::chrono::milliseconds patience);

  /// Descriptors to poll: standard output and standard error.
  std::vector<pollfd> descriptors() const;
  /// Reads what is available. Returns false at end of file.
  bool take();
  /// The next received line, if any.
  std::optional<std::string> line() { return lines_.next(); }
  /// The next line of standard error, if any.
  std::optional<std::string> note();

  /// Closes the rank's standard input; the rank then exits.
  void close_input() { input_.reset(); }
  bool has_ended() { return child_.poll().has_value(); }

  /// Describes how the connection ended: "connection closed (exit code 255): ssh: connect to host
  /// ...". Waits briefly for the exit.
  std::string last_words();
  /// The wait status, if the process has ended by itself.
  std::optional<int> status() { return child_.poll(); }

 private:
  struct Pipes;
  Connection(const ConnectionRequest& request, Pipes&& pipes);

  Descriptor input_, output_, error_;
  ChildProcess child_;
  LineBuffer lines_, error_lines_;
  std::deque<std::string> notes_;
  std::string last_note_;
};

}  // namespace npyrace
