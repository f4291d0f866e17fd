#pragma once
// What `inspect` says about one file, as text and as JSON.

#include <cstdint>
#include <string>

#include "core/npy/npy_header.h"

namespace npyrace {

struct InspectedFile {
  std::string path;
  NpyHeader header;
  std::uint64_t file_bytes = 0;
};

/// By how much the file is shorter than its header claims; 0 where that cannot be told: pickled
/// objects have no size.
std::uint64_t missing_bytes(const InspectedFile& file);

/// Several lines for people, the last one ended. No byte of a name reaches a terminal as a control
/// character.
std::string inspect_text(const InspectedFile& file);

/// `first_key_file` puts a "file" key with the path first: for more files than one.
struct InspectJsonOptions {
  bool first_key_file = false;
};

/// One JSON object on one line, without a line end. Always valid UTF-8: what is not in a name or a
/// path becomes U+FFFD.
std::string inspect_json(const InspectedFile& file, const InspectJsonOptions& options = {});

}  // namespace npyrace
