#pragma once
// A NumPy program to paste, as the scripts it consists of.

#include <string>
#include <vector>

namespace npyrace {

struct RecipeScript {
  std::string name;  ///< of its file
  std::string text;  ///< Python; its first line says who runs it, and when
};

/// In the order they are run: create.py makes the file; job.py is run by every job and has a
/// function write(job, records); collect.py, where the way needs it. Empty: NumPy has no such way
/// to write.
using Recipe = std::vector<RecipeScript>;

}  // namespace npyrace
