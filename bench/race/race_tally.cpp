#include "bench/race/race_tally.h"

#include "bench/race/overlap.h"

namespace npyrace {

void RaceTally::note(const GenerationReport& report) {
  ++generations;
  generations_overlapped += report.overlap_seconds > 0;
  overlap_seconds += report.overlap_seconds;
  seconds += elapsed_seconds(report.writers);
  for (const WriterReport& writer : report.writers) phases.push_back(writer.phases);
}

double RaceTally::overlapped_share() const {
  if (generations == 0) return 0;
  return static_cast<double>(generations_overlapped) / static_cast<double>(generations);
}

}  // namespace npyrace
