#pragma once
// An array made by a program of the user's own: `run --exec-create COMMAND`.
//
// It finds in its environment NPYRACE_FILE (the path to make), NPYRACE_DESCR and NPYRACE_SHAPE
// (what to make, as NumPy writes them: '|V16' and (8192,)), and NPYRACE_WRITERS.

#include <chrono>
#include <cstdint>
#include <string>

#include "core/array_map.h"

namespace npyrace {

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
