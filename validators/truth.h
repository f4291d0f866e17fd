#pragma once
// Judges a file by the content that the writers' own program leaves where no two of its processes
// run at once, byte for byte: for programs that write no stamps.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/array/array_map.h"
#include "core/file/file.h"
#include "core/result/findings.h"
#include "validators/scan.h"

namespace npyrace {

/// The right content: whole files, header included, of one size.
struct Truth {
  std::vector<std::byte> before;  ///< as the array was made
  std::vector<std::byte> after;   ///< as the writers left it one after the other
  /// One an element: whether several writers changed it, so that a value that lacks one of their
  /// updates can be anything.
  std::vector<bool> shared = {};
};

/// The elements that changed from one content to the next, ascending.
std::vector<std::uint64_t> changed_elements(const ArrayMap& map, std::span<const std::byte> before,
                                            std::span<const std::byte> after);

struct TruthScan {
  const ArrayMap& map;  ///< whose owners are the writers that changed each element last
  const Truth& truth;
  std::vector<bool> unacknowledged;  ///< one a writer: it may have written or not; empty: none
  FileOpener open_file;
  View judge;
  std::function<bool()> cancelled = [] { return false; };
};

/// Classes are those of stamps: `hole` zeros, `lost` what was there before (or a value that lacks
/// an update, where several writers change an element), `torn` bytes of before and after,
/// `misplaced` another element's content, `corrupt` anything else; `header` and `padding` (more
/// bytes than the array has) once each. Throws SystemError and ScanCancelled.
Findings compare_with_truth(const TruthScan& scan);

}  // namespace npyrace
