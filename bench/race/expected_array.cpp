#include "bench/race/expected_array.h"

#include <algorithm>
#include <span>
#include <vector>

namespace npyrace {
namespace {

constexpr std::uint64_t kPieceBytes = 1 << 20;

/// The elements [first, first + elements) as they must lie in the file.
std::vector<std::byte> expected_elements(const ArrayMap& map, const Stamper& stamper,
                                         unsigned generation, std::uint64_t first,
                                         std::uint64_t elements) {
  const auto element_bytes = static_cast<std::size_t>(map.element_bytes());
  std::vector<std::byte> bytes(static_cast<std::size_t>(elements) * element_bytes);
  for (std::uint64_t i = 0; i < elements; ++i) {
    if (!map.is_record(first + i)) continue;
    const auto start =
        static_cast<std::size_t>(i) * element_bytes + static_cast<std::size_t>(map.lead_bytes());
    stamper.fill(std::span(bytes).subspan(start, static_cast<std::size_t>(map.record_bytes())),
                 first + i, generation);
  }
  return bytes;
}

}  // namespace

void write_expected_array(File& file, const ArrayMap& map, const Stamper& stamper,
                          unsigned generation, const std::function<void()>& between_pieces) {
  file.write_at(map.header(), 0);
  const std::uint64_t step = std::max<std::uint64_t>(1, kPieceBytes / map.element_bytes());
  for (std::uint64_t first = 0; first < map.elements(); first += step) {
    between_pieces();
    const std::uint64_t elements = std::min(step, map.elements() - first);
    file.write_at(expected_elements(map, stamper, generation, first, elements),
                  map.data_offset_bytes() + first * map.element_bytes());
  }
}

}  // namespace npyrace
