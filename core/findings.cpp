#include "core/findings.h"

#include <fmt/format.h>

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

const char* region_name(Region region) {
  switch (region) {
    case Region::record:
      return "record";
    case Region::padding:
      return "padding";
    case Region::header:
      return "header";
    case Region::file_end:
      return "end of file";
  }
  return "record";
}

std::string place_words(const Example& example) {
  if (example.region == Region::padding)
    return fmt::format("padding of element {}", example.record);
  if (example.region != Region::record) return region_name(example.region);
  return fmt::format("record {} of writer {}", example.record, example.writer);
}

void Findings::add(Example example) {
  ++anomalies[example.anomaly];
  if (examples.size() == kMostExamples && !earlier(example, examples.back())) return;
  examples.push_back(std::move(example));
  keep_first(examples);
}

/// A scanner comes by in file order: the order is kept without sorting.
void Findings::add_damaged(std::uint64_t element) {
  const auto place = std::upper_bound(damaged.begin(), damaged.end(), element);
  if (place == damaged.end() && damaged.size() == kMostDamaged) return;
  damaged.insert(place, element);
  if (damaged.size() > kMostDamaged) damaged.pop_back();
}

void Findings::merge(Findings other) {
  records_checked += other.records_checked;
  unwritten += other.unwritten;
  uncached_differences += other.uncached_differences;
  anomalies += other.anomalies;
  std::move(other.examples.begin(), other.examples.end(), std::back_inserter(examples));
  keep_first(examples);
  std::vector<std::uint64_t> both;
  std::merge(damaged.begin(), damaged.end(), other.damaged.begin(), other.damaged.end(),
             std::back_inserter(both));
  if (both.size() > kMostDamaged) both.resize(kMostDamaged);
  damaged = std::move(both);
  for (const auto& [tile, records] : other.damaged_tiles) damaged_tiles[tile] += records;
}

}  // namespace npyrace
