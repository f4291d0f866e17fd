#pragma once
// The readers of one race file, as the run sees them: processes that look while writers write, and
// hold still while the judge does.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/array/array_map.h"
#include "core/result/result.h"

namespace npyrace {

struct ReaderCrewRequest {
  std::uint64_t readers = 0;
  ArrayRequest array;
  std::uint64_t stamp_seed = 0;
  std::vector<std::string> paths;  ///< of the file, through each mount
  std::vector<std::string> dirs;   ///< the mounts
  std::chrono::seconds patience{120};
};

class ReaderCrew {
 public:
  /// Reader r goes through mount r modulo mounts; both ways to read take turns on each. Throws
  /// SystemError.
  explicit ReaderCrew(const ReaderCrewRequest& request);
  ReaderCrew(const ReaderCrew&) = delete;
  ReaderCrew& operator=(const ReaderCrew&) = delete;
  /// Ends them all.
  ~ReaderCrew();

  /// They read from now on, while `generation` is written.
  void go(unsigned generation);

  /// Returns when none reads any more, with what they saw since. A reader that has died or hangs is
  /// a problem of the result, not of the race. Throws Interrupted.
  ReadersResult pause();

 private:
  class Member;
  std::vector<std::unique_ptr<Member>> members_;
  std::chrono::seconds patience_;
};

}  // namespace npyrace
