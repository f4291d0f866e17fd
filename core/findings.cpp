#include "core/findings.h"

#include <algorithm>
#include <iterator>

namespace npyrace {
namespace {

bool earlier(const Example& a, const Example& b) {
  return std::pair(a.offset_bytes, a.anomaly) < std::pair(b.offset_bytes, b.anomaly);
}

void keep_first(std::vector<Example>& examples) {
  std::sort(examples.begin(), examples.end(), earlier);
  if (examples.size() > kMostExamples) examples.resize(kMostExamples);
}

}  // namespace

void Findings::add(Example example) {
  ++anomalies[example.anomaly];
  if (examples.size() == kMostExamples && !earlier(example, examples.back())) return;
  examples.push_back(std::move(example));
  keep_first(examples);
}

void Findings::merge(Findings other) {
  records_checked += other.records_checked;
  unwritten += other.unwritten;
  anomalies += other.anomalies;
  std::move(other.examples.begin(), other.examples.end(), std::back_inserter(examples));
  keep_first(examples);
}

}  // namespace npyrace
