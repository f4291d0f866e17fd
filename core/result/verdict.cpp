#include "core/result/verdict.h"

#include <numeric>

namespace npyrace {

const char* verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::safe:
      return "safe";
    case Verdict::unsafe:
      return "unsafe";
    case Verdict::inconclusive:
      return "inconclusive";
    case Verdict::failed:
      return "failed";
    case Verdict::skipped:
      return "skipped";
  }
  return "failed";
}

namespace {

constexpr AnomalyRow kAnomalies[] = {
    {Anomaly::lost, "lost", "the record holds an older generation: its last write is gone"},
    {Anomaly::torn, "torn", "the record mixes lanes of different writes"},
    {Anomaly::stale, "stale", "right in the store, old through another read path or mount"},
    {Anomaly::misplaced, "misplaced", "the record holds what belongs to another place"},
    {Anomaly::hole, "hole", "zeros where a write was acknowledged"},
    {Anomaly::corrupt, "corrupt", "the content is no stamp at all"},
    {Anomaly::foreign, "foreign", "a stamp of another array"},
    {Anomaly::header, "header", "bytes of the NPY header changed"},
    {Anomaly::padding, "padding", "bytes outside all records changed"},
};
static_assert(std::size(kAnomalies) == kAnomalyClasses);

}  // namespace

std::span<const AnomalyRow> anomaly_table() {
  return kAnomalies;
}

const char* anomaly_name(Anomaly anomaly) {
  return kAnomalies[static_cast<std::size_t>(anomaly)].name;
}

std::uint64_t AnomalyCounts::damaging() const {
  const std::uint64_t all = std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
  return all - (*this)[Anomaly::stale];
}

AnomalyCounts& AnomalyCounts::operator+=(const AnomalyCounts& other) {
  for (std::size_t i = 0; i < kAnomalyClasses; ++i) counts_[i] += other.counts_[i];
  return *this;
}

}  // namespace npyrace
