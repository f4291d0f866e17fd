#pragma once
// What `list strategies` says.

#include <string>
#include <vector>

namespace npyrace {

/// A strategy in words, and whether it works where it was tried.
struct StrategyListing {
  std::string name, summary, used_by, guarantee, weakness, acknowledged_by;
  std::string numpy;  ///< empty: NumPy has no way
  bool available = false;
  std::string reason;  ///< why not
};

/// For people, in 80 columns.
std::string strategies_report(const std::string& dir, const std::vector<StrategyListing>& listings);

/// {"dir": …, "strategies": [ … ]}
std::string strategies_json(const std::string& dir, const std::vector<StrategyListing>& listings);

}  // namespace npyrace
