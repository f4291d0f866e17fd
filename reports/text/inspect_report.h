#pragma once
// Output of `inspect` for one file, as text and as JSON.

#include <cstdint>
#include <string>

#include "core/npy/npy_header.h"

namespace npyrace {

struct InspectedFile {
  std::string path;
  NpyHeader header;
  std::uint64_t file_bytes = 0;
};

/// Number of bytes by which the file is shorter than its header claims; 0 if unknown, as for
/// pickled objects.
std::uint64_t missing_bytes(const InspectedFile& file);

/// Several lines for people, ending with a newline. Control characters in names are escaped.
std::string inspect_text(const InspectedFile& file);

/// `first_key_file` adds the path as the first key "file": for several files.
struct InspectJsonOptions {
  bool first_key_file = false;
};

/// One JSON object on one line, without a newline. Always valid UTF-8: invalid bytes in a name or
/// path become U+FFFD.
std::string inspect_json(const InspectedFile& file, const InspectJsonOptions& options = {});

}  // namespace npyrace
