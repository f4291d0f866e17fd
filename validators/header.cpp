#include "validators/header.h"

#include <fmt/format.h>

#include <algorithm>

namespace npyrace {
namespace {

/// Reports the first byte that differs. Returns whether there was one.
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

void HeaderValidator::check(const Subject& subject, const Piece& piece, Findings& findings) const {
  if (piece.elements != 0) return;
  if (report_difference(subject, piece.judged, Anomaly::header, findings)) return;
  for (const ViewedBytes& view : piece.views)
    report_difference(subject, view, Anomaly::stale, findings);
}

}  // namespace npyrace
