#pragma once
// Checks existing files: the command `verify`.

#include <optional>
#include <string>
#include <vector>

#include "bench/plan/options.h"
#include "core/file/file.h"
#include "core/os/exit_code.h"
#include "core/result/result.h"

namespace npyrace {

struct VerifyOptions {
  std::vector<std::string> files;
  std::string via;  ///< name of the only read path; empty: all, judged by the best one
  std::vector<std::string> also_from;
  std::optional<unsigned> generation;
  bool complete = false;
  ResultOutputs outputs;
  ArrayOptions array;
  PlacementOptions placement;
};

/// Returns one cell per file, named by its path. A file that cannot be read becomes a failed cell.
/// Throws UsageError.
RunResult verify_files(const VerifyOptions& options, const FileOpener& open_file);

ExitCode verify_exit_code(const RunResult& result, bool complete);

}  // namespace npyrace
