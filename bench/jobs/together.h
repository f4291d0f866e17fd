#pragma once
// Jobs that know nothing of each other wait for each other, through names in a folder they share.

#include <chrono>
#include <cstdint>
#include <string>

namespace npyrace {

struct Gathering {
  std::string folder;
  std::uint64_t writer = 0;
  std::uint64_t writers = 1;
  unsigned generation = 1;  ///< those who came to write another one are not here
  std::chrono::milliseconds limit{0};
};

/// Returns how many of the workers were there, this one included: all of them, or fewer when the
/// limit is over. All that see everybody return at the same moment, as far as their clocks agree.
/// Throws SystemError or Interrupted.
std::uint64_t wait_together(const Gathering& gathering);

}  // namespace npyrace
