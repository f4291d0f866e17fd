#pragma once
// What can be used in a directory, found out by trying.

#include <string>

#include "bench/strategies/strategy.h"

namespace npyrace {

/// Whether a strategy works in a directory.
struct Availability {
  bool available = false;
  std::string reason;  ///< why not, in the system's words; empty when available
};

/// Writes a few records of a file of its own there, which is gone afterwards, and reads them back.
/// Throws SystemError when no file can be made in `dir`.
Availability try_strategy(const StrategyRow& row, const std::string& dir,
                          const FileOpener& open_file);

}  // namespace npyrace
