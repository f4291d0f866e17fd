#pragma once
// Every fault that really struck, one JSON object a line, appended as it happens.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "bench/lab/byte_ranges.h"
#include "bench/lab/descriptor.h"
#include "bench/lab/fault.h"

namespace npyrace::lab {

class FaultLog {
 public:
  /// Creates or empties the file; an empty path only counts. Throws SystemError.
  explicit FaultLog(const std::string& path);

  struct Entry {
    const FaultSpec* fault = nullptr;
    unsigned node = 0;  ///< counts from 0
    std::string file;   ///< relative to the store
    ByteRange range;    ///< the bytes of the file that are not what they should be
  };
  void add(const Entry& entry);
  /// With what only this kind of fault has to say.
  void add(const Entry& entry, const nlohmann::json& details);

  std::uint64_t count() const { return count_; }

 private:
  Descriptor file_;
  std::mutex mutex_;
  std::atomic<std::uint64_t> count_ = 0;
};

}  // namespace npyrace::lab
