#include "validators/validator.h"

namespace npyrace {
namespace {

const ValidatorRow kValidators[] = {
    {"records", "every record holds the stamp of its last acknowledged write", check_records},
    {"header", "the NPY header is byte for byte what was written", check_header},
    {"padding", "bytes outside all records are still zero", check_padding},
    {"size", "the file ends where its array does", check_size},
};

/// Thousands of writers may share a unit of a packed array; a report names only some.
constexpr std::size_t kMostUnitWriters = 16;

}  // namespace

std::span<const ValidatorRow> validator_table() {
  return kValidators;
}

Example locate(const Subject& subject, Anomaly anomaly, std::uint64_t element,
               std::uint64_t offset_bytes) {
  const std::uint64_t unit_bytes = subject.map.request().align_bytes;
  const std::uint64_t unit = offset_bytes / unit_bytes;
  return {.anomaly = anomaly,
          .record = element,
          .offset_bytes = offset_bytes,
          .writer = subject.map.writer_of(element).value_or(0),
          .unit = unit,
          .unit_writers = subject.map.writers_in(unit * unit_bytes, unit_bytes, kMostUnitWriters)};
}

std::vector<ByteRange> differing_bytes(std::span<const std::byte> found,
                                       std::span<const std::byte> expected,
                                       std::uint64_t offset_bytes) {
  std::vector<ByteRange> ranges;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] == expected[i]) continue;
    const std::uint64_t place = offset_bytes + i;
    if (!ranges.empty() && place < ranges.back().end + kLaneBytes)
      ranges.back().end = place + 1;
    else if (ranges.size() < kMostDamageRanges)
      ranges.push_back({place, place + 1});
    else
      break;
  }
  return ranges;
}

Example locate_record(const Subject& subject, Anomaly anomaly, std::uint64_t element,
                      std::vector<ByteRange> damage) {
  const std::uint64_t start_bytes = subject.map.record_offset_bytes(element);
  Example example =
      locate(subject, anomaly, element, damage.empty() ? start_bytes : damage.front().begin);
  example.offset_bytes = start_bytes;
  example.damage = std::move(damage);
  return example;
}

}  // namespace npyrace
