#pragma once
// NumPy recipes: Python scripts that write as a cell did, with the same layout and calls.

#include <string_view>

#include "core/result/result.h"

namespace npyrace {

/// python/npyrace/_pieces.py: a Python function by_STRATEGY for each strategy that Python can
/// express, and what they use. Scripts contain the functions that they need.
extern const std::string_view kPythonPieces;

/// The complete recipe. Empty if NumPy lacks the calls (io-uring, pwrite-atomic, collector), and
/// for random ownership. Throws UsageError for a sync policy and FormatError for a descr that do
/// not exist.
Recipe recipe_for(const CellDescription& cell);

}  // namespace npyrace
