#pragma once
// The advice of a result in full, for a person: why, at what price, and a NumPy program to paste.

#include <string>

#include "core/result/result.h"

namespace npyrace {

/// Fits 80 columns, but for what is to be pasted.
std::string advice_report(const RunResult& result);

/// "mmap, padded-block at 4096 bytes": the cell that is recommended, of which there must be one.
std::string advised_way(const RunResult& result);

/// What `run` and `advise` say of the advice: a paragraph, and a line a price. Empty lines before
/// it.
std::string recommendation_text(const RunResult& result);

}  // namespace npyrace
