#pragma once
// The evidence and the verdict on a cell or on one of its files, from a tally.

#include <string>

#include "bench/analysis/verdict.h"
#include "bench/race/cell_files.h"
#include "bench/race/race_tally.h"
#include "bench/storage/sidecar.h"

namespace npyrace {

/// Why races ended early; empty: they did not.
struct RaceEnd {
  std::string problem;
  bool refused = false;         ///< the system does not support what the cell does
  std::string further_problem;  ///< ended the racing for additional trials only
};

/// All but the numbers of generations.
Evidence evidence_of(const CellFiles& files, const RaceTally& tally);

Judgement judge_cell(const CellFiles& files, const RaceTally& tally, const Evidence& evidence,
                     const RaceEnd& end);

/// Evidence and verdict of one file, so that verify arrives at the same verdict.
KeptRace kept_race(const CellFiles& files, const RaceTally& tally, const RaceTimes& times,
                   const std::string& problem);

}  // namespace npyrace
