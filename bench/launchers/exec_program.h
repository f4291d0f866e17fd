#pragma once
// The output of programs of the user's own, and the part of it that is told when they fail.

#include <chrono>
#include <cstdint>
#include <string>

#include "core/array/array_map.h"

namespace npyrace {

/// The last line that is not empty.
std::string last_line(const std::string& path);

/// The last line that is not empty and, in brackets, the few before it: of a traceback the last
/// line alone does not say where. One line; empty: nothing was printed.
std::string last_words(const std::string& path);

/// COMMAND for one writer: {file}, {writer} and {writers} are replaced, the file's path as one word
/// of a shell.
std::string command_for(const std::string& command, const std::string& file, std::uint64_t writer,
                        std::uint64_t writers);

// An array made by a program of the user's own: `run --exec-create COMMAND`.
//
// It finds in its environment NPYRACE_FILE (the path to make), NPYRACE_DESCR and NPYRACE_SHAPE
// (what to make, as NumPy writes them: '|V16' and (8192,)), and NPYRACE_WRITERS.

struct ExecCreateRequest {
  std::string command;
  std::uint64_t writers = 1;
  std::chrono::seconds time_limit{120};
};

/// Runs the command and waits for it. Throws RaceError with its last words when it fails or takes
/// too long, or makes no file at `path`.
void run_create_program(const ExecCreateRequest& request, const std::string& path,
                        const ArrayMap& map);

/// The same, and throws RaceError unless `path` then holds the array of `map`.
void create_by_program(const ExecCreateRequest& request, const std::string& path,
                       const ArrayMap& map);

}  // namespace npyrace
