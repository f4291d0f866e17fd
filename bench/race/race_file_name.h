#pragma once
// Names of race files: "npyrace-HOST-BOOT-PID-START-NUMBER-CHECK.npy". HOST, BOOT and START tell
// whether the process that made the file still lives; CHECK makes sure that it is such a name.

#include <cstdint>
#include <optional>
#include <string>

namespace npyrace {

/// The process a race file belongs to.
struct RaceFileOwner {
  std::string host;  ///< hash of host name, machine id and process namespace: 16 hex digits
  std::string boot;  ///< hash of the boot id: 8 hex digits
  std::int64_t pid = 0;
  std::uint64_t start_ticks = 0;  ///< since boot, as in /proc/PID/stat

  friend bool operator==(const RaceFileOwner&, const RaceFileOwner&) = default;
};

RaceFileOwner this_process();

std::string race_file_name(const RaceFileOwner& owner, std::uint64_t number);

/// The owner, if `name` is a name that race_file_name could have made.
std::optional<RaceFileOwner> race_file_owner(const std::string& name);

/// True only when the owner was a process of this machine and has certainly ended. `modified` is
/// when the file was last changed, in seconds since 1970.
bool has_ended(const RaceFileOwner& owner, std::int64_t modified);

}  // namespace npyrace
