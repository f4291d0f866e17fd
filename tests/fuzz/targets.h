#pragma once
// The fuzzed readers: all that npyrace reads and another program, version or hand may have written.

#include <span>
#include <string>
#include <string_view>

namespace npyrace::fuzz {

struct Target {
  const char* name;    ///< also the folder of its inputs, in corpus/ and found/
  const char* reader;  ///< for people
  /// Reads the bytes of one input. Ends the program if the reader throws anything but npyrace's own
  /// errors, or if a value that was read differs after it was written and read again.
  void (*read)(const std::string& bytes);
};

std::span<const Target> targets();

}  // namespace npyrace::fuzz
