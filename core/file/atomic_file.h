#pragma once
// Files that are written completely or not at all, and reading of whole text files.

#include <functional>
#include <optional>
#include <string>

#include "core/file/file.h"

namespace npyrace {

/// Writes to a temporary name, syncs, and renames. Anything but a regular file (a terminal, a pipe,
/// /dev/stdout) is written directly. Throws SystemError.
void write_file_atomically(const std::string& path, const std::string& text);

/// Throws SystemError if write_file_atomically could not create the file, so that the error comes
/// before the work and not after it.
void require_place(const std::string& path);

enum class Existing { keep, replace };

/// The same for content too large for memory: `fill` writes it into an empty file. With
/// Existing::keep an existing file is an error. If `fill` throws, no file is left.
void write_file_atomically(const std::string& path, Existing existing,
                           const std::function<void(File&)>& fill);

/// Returns the text of a regular file. Throws SystemError, also for a pipe or a device, and
/// FormatError for a file larger than `most_bytes`.
std::string read_text_file(const std::string& path,
                           std::uint64_t most_bytes = std::uint64_t{1} << 30);

/// The same for a small file beside an array (a sidecar, a job record): nothing if there is none.
/// Throws FormatError above 64 MiB.
std::optional<std::string> read_small_text_file(const std::string& path);

/// The first line of a file, as of /proc, whose size is unknown; empty: it cannot be read.
std::string first_line(const std::string& path);

}  // namespace npyrace
