#pragma once
// Checks a file against the content that the user's program leaves without concurrency, byte for
// byte: for programs that write no stamps.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/array/array_map.h"
#include "core/file/file.h"
#include "core/result/findings.h"
#include "validators/scan.h"

namespace npyrace {

/// Expected content: complete files of equal size, including the header.
struct Truth {
  std::vector<std::byte> before;  ///< after creation
  std::vector<std::byte> after;   ///< after all writers have run one after the other
  /// Per element: true if several writers changed it; if one update is lost, such an element can
  /// have any value.
  std::vector<bool> shared = {};
};

/// The elements that differ between the two contents, ascending.
std::vector<std::uint64_t> changed_elements(const ArrayMap& map, std::span<const std::byte> before,
                                            std::span<const std::byte> after);

struct TruthScan {
  const ArrayMap& map;  ///< its owners are the writers that changed each element last
  const Truth& truth;
  std::vector<bool> unacknowledged;  ///< per writer: its write may be missing; empty: none
  FileOpener open_file;
  View judge;
  std::function<bool()> cancelled = [] { return false; };
};

/// Uses the anomaly classes of stamps: `hole` for zeros, `lost` for the previous content (or a
/// value that lacks an update, if several writers change the element), `torn` for a mixture of old
/// and new bytes, `misplaced` for the content of another element, `corrupt` for anything else;
/// `header` and `padding` (a file that is too long) at most once each. Throws SystemError and
/// ScanCancelled.
Findings compare_with_truth(const TruthScan& scan);

}  // namespace npyrace
