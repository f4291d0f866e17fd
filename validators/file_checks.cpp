#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "core/base/checked.h"
#include "validators/classify.h"
#include "validators/validator.h"

namespace npyrace {
namespace {

/// Reports the first different byte. Returns true if there is one.
bool report_difference(const Subject& subject, const ViewedBytes& view, Anomaly anomaly,
                       Findings& findings) {
  const auto [found, wanted] = std::ranges::mismatch(view.bytes, subject.map.header());
  if (found == view.bytes.end()) return false;
  const auto offset_bytes = static_cast<std::uint64_t>(found - view.bytes.begin());
  Example example = locate(subject, anomaly, 0, offset_bytes);
  example.expected = fmt::format("byte 0x{:02x}", std::to_integer<unsigned>(*wanted));
  example.found = fmt::format("byte 0x{:02x}", std::to_integer<unsigned>(*found));
  example.region = Region::header;
  example.view = view.view;
  findings.add(std::move(example));
  return true;
}

}  // namespace

void check_header(const Subject& subject, const Piece& piece, Findings& findings) {
  if (piece.elements != 0) return;
  if (report_difference(subject, piece.judged, Anomaly::header, findings)) return;
  for (const ViewedBytes& view : piece.views)
    report_difference(subject, view, Anomaly::stale, findings);
}

namespace {

/// Offset after the last byte of a record or of the header.
std::uint64_t records_end_bytes(const ArrayMap& map) {
  for (std::uint64_t element = map.elements(); element-- > 0;)
    if (map.is_record(element)) return map.record_offset_bytes(element) + map.record_bytes();
  return map.data_offset_bytes();
}

}  // namespace

void check_size(const Subject& subject, const Piece& piece, Findings& findings) {
  const ArrayMap& map = subject.map;
  if (piece.elements != 0 || piece.file_bytes == map.file_bytes()) return;
  // If the file ends before its records, the record validator reports holes.
  if (piece.file_bytes < records_end_bytes(map)) return;
  Example example = locate(subject, Anomaly::padding, map.elements() == 0 ? 0 : map.elements() - 1,
                           std::min(piece.file_bytes, map.file_bytes()));
  example.expected = fmt::format("a file of {} bytes", map.file_bytes());
  example.found = fmt::format("{} bytes", piece.file_bytes);
  example.region = Region::file_end;
  example.view = piece.judged.view;
  findings.add(std::move(example));
}

namespace {

std::optional<std::size_t> first_nonzero(std::span<const std::byte> bytes) {
  if (all_zero(bytes)) return std::nullopt;
  const auto place = std::ranges::find_if(bytes, [](std::byte b) { return b != std::byte{0}; });
  return static_cast<std::size_t>(place - bytes.begin());
}

/// Index of the first changed padding byte in the element.
std::optional<std::size_t> changed_byte(const ArrayMap& map, std::uint64_t element,
                                        std::span<const std::byte> bytes) {
  if (!map.is_record(element)) return first_nonzero(bytes);
  const auto lead_bytes = as_size(map.lead_bytes());
  const auto after = lead_bytes + as_size(map.record_bytes());
  if (const auto place = first_nonzero(bytes.first(lead_bytes))) return place;
  if (const auto place = first_nonzero(bytes.subspan(after))) return after + *place;
  return std::nullopt;
}

void check_element(const Subject& subject, const Piece& piece, std::uint64_t element,
                   Findings& findings) {
  const auto element_bytes = as_size(subject.map.element_bytes());
  const std::size_t start = as_size(element - piece.first_element) * element_bytes;
  const auto bytes = piece.judged.bytes.subspan(start, element_bytes);
  const auto place = changed_byte(subject.map, element, bytes);
  if (!place) return;
  Example example = locate(subject, Anomaly::padding, element, piece.offset_bytes + start + *place);
  example.expected = "zero";
  example.found = fmt::format("byte 0x{:02x}", std::to_integer<unsigned>(bytes[*place]));
  example.region = Region::padding;
  example.view = piece.judged.view;
  findings.add(std::move(example));
}

}  // namespace

void check_padding(const Subject& subject, const Piece& piece, Findings& findings) {
  const ArrayMap& map = subject.map;
  const bool within_elements = map.element_bytes() != map.record_bytes();
  const std::uint64_t piece_end = piece.first_element + piece.elements;
  for (std::uint64_t element = piece.first_element; element < piece_end;) {
    const std::uint64_t end = std::min(piece_end, map.stretch_end(element));
    if (!within_elements && map.is_record(element)) element = end;
    for (; element < end; ++element) check_element(subject, piece, element, findings);
  }
}

}  // namespace npyrace
