#pragma once
// Sections of the text report: scaling, strategies (for `list`), sync costs, and the passport.

#include <string>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

/// The way to write, in a few words.
std::string scaling_title(const Scaling& scaling);
/// "1: 1.50 M, 2: 2.00 M, 4: not safe": points that do not count have no throughput.
std::string scaling_points(const Scaling& scaling);

/// One paragraph per scaling, for 80 columns; empty if there are none.
std::string scaling_report(const std::vector<Scaling>& scalings);

// Output of `list strategies`.

/// A strategy's texts, and whether it works in a directory.
struct StrategyListing {
  std::string name, summary, used_by, guarantee, weakness, acknowledged_by;
  std::string numpy;  ///< empty: not possible in NumPy
  bool available = false;
  std::string reason;  ///< why it is not available
};

/// For people, 80 columns.
std::string strategies_report(const std::string& dir, const std::vector<StrategyListing>& listings);

/// {"dir": …, "strategies": [ … ]}
std::string strategies_json(const std::string& dir, const std::vector<StrategyListing>& listings);

// Cost of syncs, from cells that differ only in the sync policy.

/// One line per way to write: "pwrite, packed, 4 writers: none 5.1 us, end 24 us, record 864 us".
/// Times are per record of one writer: its total time divided by its records. Empty if only one
/// policy was timed.
std::vector<std::string> sync_costs(const std::vector<CellResult>& cells);

/// One paragraph each, for 80 columns; empty if there are none.
std::string sync_cost_report(const std::vector<CellResult>& cells);

// The passport, for 80 columns.

/// A table of the experiments, the counterexamples to stronger guarantees, and the observed
/// guarantee in the last line.
std::string passport_report(const Passport& passport);

}  // namespace npyrace
