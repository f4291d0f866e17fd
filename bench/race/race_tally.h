#pragma once
// What races have shown, added up over generations: of one file, or of all the files of a cell.

#include <cstdint>
#include <string>
#include <vector>

#include "bench/launchers/launcher.h"
#include "core/findings.h"
#include "core/result.h"

namespace npyrace {

struct RaceTally {
  Findings findings;
  std::vector<PhaseSeconds> phases;
  double seconds = 0;
  double overlap_seconds = 0;
  std::uint64_t generations = 0;
  std::uint64_t generations_overlapped = 0;
  std::vector<Death> deaths;
  std::string interference;  ///< what somebody else did to the file; empty: nothing seen

  void note(const GenerationReport& report);
  double overlapped_share() const;
  /// Who died, in one line; empty: nobody.
  std::string obituary() const;
};

}  // namespace npyrace
