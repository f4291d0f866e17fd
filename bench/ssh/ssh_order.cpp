#include "bench/ssh/ssh_order.h"

#include <algorithm>

#include "core/error.h"

namespace npyrace {
namespace {

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

}  // namespace npyrace
