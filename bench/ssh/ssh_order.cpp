#include "bench/ssh/ssh_order.h"

#include <algorithm>
#include <filesystem>

#include "bench/launchers/npyrace_there.h"
#include "core/error.h"

namespace npyrace {
namespace {

constexpr std::uint64_t kWritersAHost = 2;

/// Where the name of a host ends: behind the bracket of an IPv6 address, before a colon.
std::size_t end_of_name(const std::string& text) {
  const std::size_t bracket = text.find("]");
  const bool address = text.find('[') != std::string::npos && bracket != std::string::npos;
  return std::min(text.size(), text.find(':', address ? bracket : 0));
}

/// ssh wants an address without brackets.
std::string without_brackets(std::string name) {
  std::erase_if(name, [](char c) { return c == '[' || c == ']'; });
  return name;
}

}  // namespace

SshHost parse_ssh_host(const std::string& text) {
  const std::size_t end = end_of_name(text);
  SshHost host{.name = without_brackets(text.substr(0, end))};
  if (host.name.empty()) throw UsageError("--hosts: '" + text + "' names no host");
  if (host.name.front() == '-')
    throw UsageError("--hosts: '" + text + "' would be an option of the remote shell");
  if (end == text.size()) return host;
  host.dir = text.substr(end + 1);
  if (!host.dir.starts_with('/'))
    throw UsageError("--hosts: the directory in '" + text + "' must be absolute, as in n2:/mnt/b");
  return host;
}

SshOrder make_ssh_order(const RunOptions& options) {
  if (options.ssh.hosts.empty())
    throw UsageError("launcher ssh needs hosts: run --launcher ssh --hosts n1,n2");
  if (!options.lab.empty())
    throw UsageError("launcher ssh takes a lab from outside: npyrace lab --model " + options.lab +
                     " -- npyrace run --launcher ssh --dir {n1} --hosts n1:{n1},n2:{n2}");
  SshOrder order{.rsh = options.ssh.rsh.empty() ? kUsualRemoteShell : options.ssh.rsh,
                 .npyrace = npyrace_there(options.npyrace),
                 .version = NPYRACE_VERSION,
                 .patience = options.patience};
  for (const std::string& host : options.ssh.hosts) order.hosts.push_back(parse_ssh_host(host));
  for (const std::string& dir : options.dirs.empty() ? std::vector<std::string>{"."} : options.dirs)
    order.dirs.push_back(std::filesystem::absolute(dir).lexically_normal().string());
  order.writers = options.writers.empty() ? order.hosts.size() * kWritersAHost
                                          : std::ranges::max(options.writers);
  if (order.writers == 0) throw UsageError("--writers must be 1 or more");
  return order;
}

void refuse_unused_ssh(const SshOptions& options) {
  if (!options.hosts.empty()) throw UsageError("--hosts is for --launcher ssh: give that, too");
  if (!options.rsh.empty()) throw UsageError("--rsh is for --launcher ssh: give that, too");
}

}  // namespace npyrace
