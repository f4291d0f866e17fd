#pragma once
// What more writers brought, for people.

#include <string>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// The way to write, in a few words.
std::string scaling_title(const Scaling& scaling);
/// "1: 1.50 M, 2: 2.00 M, 4: not safe": a point that does not count has no speed.
std::string scaling_points(const Scaling& scaling);

/// A paragraph for each, for a terminal of 80 columns; empty for none.
std::string scaling_report(const std::vector<Scaling>& scalings);

// What `list strategies` says.

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

// What a sync costs, where cells were raced that differ in nothing but when they sync.

/// One line a way to write: "pwrite, packed, 4 writers: none 5.1 us, end 24 us, record 864 us". The
/// times are those of one record in one writer: all of its time shared out over its records. Empty
/// where only one policy was timed.
std::vector<std::string> sync_costs(const std::vector<CellResult>& cells);

/// A paragraph for each, for a terminal of 80 columns; empty for none.
std::string sync_cost_report(const std::vector<CellResult>& cells);

// What a file system promises, for a person at a terminal of 80 columns.

/// A table of the experiments, what spoke against more, and in the last line the promise.
std::string passport_report(const Passport& passport);

}  // namespace npyrace
