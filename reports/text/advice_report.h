#pragma once
// The recommendation in full, for people: reasons, costs, and a NumPy program to paste.

#include <string>

#include "core/result/result.h"

namespace npyrace {

/// Fits 80 columns, except for text to be pasted.
std::string advice_report(const RunResult& result);

/// "mmap, padded-block at 4096 bytes": the recommended cell, which must exist.
std::string advised_way(const RunResult& result);

/// The recommendation as `run` and `advise` print it: a paragraph, and one line per cost. Begins
/// with an empty line.
std::string recommendation_text(const RunResult& result);

}  // namespace npyrace
