#pragma once
// Whether the judge of a run really looks past the page cache, tried before anything is believed:
// there are file systems that take O_DIRECT and serve it from memory, and such that keep pages
// whatever POSIX_FADV_DONTNEED asks.

#include <string>

#include "core/file.h"

namespace npyrace {

struct JudgeTrial {
  bool uncached = true;
  std::string doubt;  ///< why not; empty where it is
};

/// Reads a file of its own in `dir` as the judge will, and looks at what the page cache holds
/// before and after. Where that cannot be told, nothing is held against the judge; where it cannot
/// even be tried (a full disk: the races will say so), that is a doubt.
JudgeTrial try_judge(const std::string& dir, const FileOpener& open_file);

}  // namespace npyrace
