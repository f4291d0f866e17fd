#include "validators/padding.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace npyrace {
namespace {

std::optional<std::size_t> first_nonzero(std::span<const std::byte> bytes) {
  const auto place = std::ranges::find_if(bytes, [](std::byte b) { return b != std::byte{0}; });
  if (place == bytes.end()) return std::nullopt;
  return static_cast<std::size_t>(place - bytes.begin());
}

/// Where in the element the first changed byte of padding is.
std::optional<std::size_t> changed_byte(const ArrayMap& map, std::uint64_t element,
                                        std::span<const std::byte> bytes) {
  if (!map.is_record(element)) return first_nonzero(bytes);
  const auto lead_bytes = static_cast<std::size_t>(map.lead_bytes());
  const auto after = lead_bytes + static_cast<std::size_t>(map.record_bytes());
  if (const auto place = first_nonzero(bytes.first(lead_bytes))) return place;
  if (const auto place = first_nonzero(bytes.subspan(after))) return after + *place;
  return std::nullopt;
}

}  // namespace

void PaddingValidator::check(const Subject& subject, const Piece& piece, Findings& findings) const {
  const ArrayMap& map = subject.map;
  if (map.element_bytes() == map.record_bytes() && map.elements() == map.records()) return;
  const auto element_bytes = static_cast<std::size_t>(map.element_bytes());
  for (std::uint64_t i = 0; i < piece.elements; ++i) {
    const auto bytes =
        piece.judged.bytes.subspan(static_cast<std::size_t>(i) * element_bytes, element_bytes);
    const std::uint64_t element = piece.first_element + i;
    const auto place = changed_byte(map, element, bytes);
    if (!place) continue;
    Example example =
        locate(subject, Anomaly::padding, element, piece.offset_bytes + i * element_bytes + *place);
    example.expected = "zero";
    example.found = fmt::format("byte 0x{:02x}", std::to_integer<unsigned>(bytes[*place]));
    example.view = piece.judged.view;
    findings.add(std::move(example));
  }
}

}  // namespace npyrace
