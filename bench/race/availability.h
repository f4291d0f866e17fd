#pragma once
// Tests whether a strategy works in a directory by writing and reading back a small file.

#include <string>

#include "bench/strategies/strategy.h"

namespace npyrace {

struct Availability {
  bool available = false;
  std::string reason;  ///< error message of the failed attempt; empty when available
};

/// Writes four records with the strategy to a temporary file in `dir`, reads them back, and removes
/// the file. A failure of the strategy is returned as the reason. Throws SystemError when the file
/// cannot be created.
Availability try_strategy(const StrategyRow& row, const std::string& dir,
                          const FileOpener& open_file);

}  // namespace npyrace
