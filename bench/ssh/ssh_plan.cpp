#include "bench/ssh/ssh_plan.h"

#include <algorithm>
#include <filesystem>

#include "bench/launchers/npyrace_there.h"
#include "core/error.h"

namespace npyrace {
namespace {

constexpr std::uint64_t kWritersAHost = 2;

}  // namespace

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
