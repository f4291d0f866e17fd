#include "bench/race/race_tally.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/race/overlap.h"

namespace npyrace {

void RaceTally::note(const GenerationReport& report) {
  ++generations;
  generations_overlapped += report.overlap_seconds > 0;
  overlap_seconds += report.overlap_seconds;
  generations_together += report.together_share;
  deaths.insert(deaths.end(), report.deaths.begin(), report.deaths.end());
  if (struck_file.empty()) struck_file = report.struck_file;
  if (report.held) return;
  ++generations_timed;
  generation_seconds.push_back(elapsed_seconds(report.writers));
  seconds += generation_seconds.back();
  double cpu_seconds = 0;
  for (const WriterReport& writer : report.writers) {
    phases.push_back(writer.phases);
    cpu_seconds += writer.cpu_seconds;
  }
  generation_cpu_seconds.push_back(cpu_seconds);
}

std::uint64_t RaceTally::trials(std::uint64_t shared_units) const {
  return static_cast<std::uint64_t>(generations_together * static_cast<double>(shared_units));
}

double RaceTally::overlapped_share() const {
  if (generations == 0) return 0;
  return static_cast<double>(generations_overlapped) / static_cast<double>(generations);
}

std::string RaceTally::obituary() const {
  constexpr std::size_t kMost = 4;
  std::string text;
  std::size_t told = 0;
  for (const Death& death : deaths) {
    if (death.words.empty()) continue;  // told together with another's
    if (told++ < kMost) text += (text.empty() ? "" : "; ") + death.words;
  }
  if (told > kMost) text += fmt::format("; and {} more", told - kMost);
  return text;
}

}  // namespace npyrace
