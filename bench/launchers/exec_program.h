#pragma once
// User programs: the error text taken from their output, placeholders in commands, and `run
// --exec-create`, by which a program creates the array.

#include <chrono>
#include <cstdint>
#include <string>

#include "core/array/array_map.h"

namespace npyrace {

/// The last line of the file that is not empty.
std::string last_line(const std::string& path);

/// The last line that is not empty and, in brackets, a few lines before it, because the last line
/// of a traceback does not name the place. A single line; empty if nothing was printed.
std::string last_words(const std::string& path);

/// The command for one writer: replaces {file}, {writer} and {writers}; the path is quoted for the
/// shell.
std::string command_for(const std::string& command, const std::string& file, std::uint64_t writer,
                        std::uint64_t writers);

// `run --exec-create COMMAND`: the array is created by a user program.
//
// Its environment has NPYRACE_FILE (the path to create), NPYRACE_DESCR and NPYRACE_SHAPE (the
// array, in NumPy's notation: '|V16' and (8192,)), and NPYRACE_WRITERS.

struct ExecCreateRequest {
  std::string command;
  std::uint64_t writers = 1;
  std::chrono::seconds time_limit{120};
};

/// Runs the command and waits for it. Throws RaceError with its last output when it fails, exceeds
/// the time limit, or creates no file at `path`.
void run_create_program(const ExecCreateRequest& request, const std::string& path,
                        const ArrayMap& map);

/// As run_create_program; also throws RaceError unless `path` then holds the array that `map`
/// describes.
void create_by_program(const ExecCreateRequest& request, const std::string& path,
                       const ArrayMap& map);

}  // namespace npyrace
