#pragma once
// The hosts that launcher ssh connects to.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

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

}  // namespace npyrace
