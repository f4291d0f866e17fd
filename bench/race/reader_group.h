#pragma once
// The parent's side of run --readers: starts reader processes, which read the file while writers
// write, and pauses them while the judge reads.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/array/array_map.h"
#include "core/result/result.h"

namespace npyrace {

struct ReaderGroupRequest {
  std::uint64_t readers = 0;
  ArrayRequest array;
  std::uint64_t stamp_seed = 0;
  std::vector<std::string> paths;  ///< the race file's path through each mount
  std::vector<std::string> dirs;   ///< the mounts, in the same order
  std::chrono::seconds patience{120};
};

class ReaderGroup {
 public:
  /// Reader r uses mount r modulo the number of mounts; readers of one mount alternate between the
  /// read paths. Throws SystemError.
  explicit ReaderGroup(const ReaderGroupRequest& request);
  ReaderGroup(const ReaderGroup&) = delete;
  ReaderGroup& operator=(const ReaderGroup&) = delete;
  /// Ends all readers.
  ~ReaderGroup();

  /// Tells all readers to scan from now on, while writers write `generation`.
  void go(unsigned generation);

  /// Stops all readers and returns their observations since `go`. A reader that died or hangs is
  /// reported as a problem in the result and does not fail the race. Throws Interrupted.
  ReadersResult pause();

 private:
  class Member;
  std::vector<std::unique_ptr<Member>> members_;
  std::chrono::seconds patience_;
};

}  // namespace npyrace
