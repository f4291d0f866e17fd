#pragma once
// NumPy recipes: Python scripts that write as a cell did, with the same layout and calls. One row
// per strategy.

#include <string>
#include <string_view>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// The strategy-specific parts of job.py. FILE, RECORDS, JOBS, ITEM, ALIGN, OFFSET, ELEMENT, LEAD,
/// count_of, share and elements are already defined there.
struct VariantText {
  std::vector<std::string_view> modules;  ///< modules to import besides os and sys
  std::string write;    ///< defines write(job, records); empty: not possible in Python
  std::string usage;    ///< which jobs run job.py; empty: every job, with its number
  std::string main;     ///< how it is started; empty: with its number as the argument
  std::string collect;  ///< body of collect.py; empty: not needed
};

struct RecipeWay {
  std::string_view strategy;
  VariantText (*text)(const CellDescription& cell);
};

/// Returns nullptr if Python lacks the calls.
const RecipeWay* find_recipe_way(std::string_view strategy);

/// Python lines that implement the sync policy: after every record (in a loop over n), and after
/// the last.
struct SyncLines {
  std::string each, end;
};
/// `each` may contain {every}: the number of records between syncs.
SyncLines sync_lines(const CellDescription& cell, std::string_view each, std::string_view end);

/// True if a job's records are contiguous: block ownership without padding between records.
bool back_to_back(const CellDescription& cell);

/// Python function put(fd, data, at), which repeats `call`, an expression in these names, after a
/// partial write.
std::string put_function(std::string_view call);

/// Ends a try block that writes through fd.
inline constexpr const char* kCloseFile = "    finally:\n        os.close(fd)\n";

/// Python line that defines UNIT, the alignment unit in bytes that writers lock or rewrite as a
/// whole.
std::string unit_line(const CellDescription& cell);

// The complete recipe.

/// Returns an empty recipe if NumPy lacks the calls, or for random ownership.
Recipe recipe_for(const CellDescription& cell);

}  // namespace npyrace
