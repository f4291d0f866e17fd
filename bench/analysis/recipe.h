#pragma once
// How each strategy is said in Python: one row each.

#include <string>
#include <string_view>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// What job.py has of its own. The names FILE, RECORDS, JOBS, ITEM, ALIGN, OFFSET, ELEMENT, LEAD,
/// count_of, share and elements are there already.
struct WayText {
  std::vector<std::string_view> modules;  ///< to import besides os and sys
  std::string write;    ///< defines write(job, records); empty: this cell cannot be said in Python
  std::string usage;    ///< who runs job.py; empty: every job, with its number
  std::string main;     ///< how it is started; empty: with its number as the argument
  std::string collect;  ///< what collect.py does; empty: there is none
};

struct RecipeWay {
  std::string_view strategy;
  WayText (*text)(const CellDescription& cell);
};

/// nullptr where Python has no such calls.
const RecipeWay* find_recipe_way(std::string_view strategy);

/// Lines after every record (in a loop over n), and after the last, that keep the sync policy.
struct SyncLines {
  std::string each, end;
};
/// `each` may have {every} in it: how many records are synced at a time.
SyncLines sync_lines(const CellDescription& cell, std::string_view each, std::string_view end);

/// Whether a job's records lie one after the other: in a block of its own that is not padded
/// inside.
bool back_to_back(const CellDescription& cell);

/// Defines put(fd, data, at), which goes on where `call`, with these names in it, writes a part.
std::string put_function(std::string_view call);

/// After the lines of a try that writes through fd.
inline constexpr const char* kCloseFile = "    finally:\n        os.close(fd)\n";

/// Defines UNIT, the alignment unit in bytes that writers hold or rewrite as a whole.
std::string unit_line(const CellDescription& cell);

// A NumPy program that writes as a cell did: same layout, same calls.

/// Empty where NumPy has no such calls, or records were dealt out at random.
Recipe recipe_for(const CellDescription& cell);

}  // namespace npyrace
