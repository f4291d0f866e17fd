#pragma once
// One process a writer on hosts that the user names, over any remote shell: for people with
// machines and no scheduler.

#include <string>

#include "bench/launchers/launcher.h"

namespace npyrace {

inline constexpr const char* kSsh = "ssh";

class SshLauncher final : public Launcher {
 public:
  std::unique_ptr<Crew> start(const LaunchRequest& request) const override;
};

/// Why the usual remote shell cannot be; empty: it can.
std::string no_ssh_reason();

}  // namespace npyrace
