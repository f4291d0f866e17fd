#include "validators/size.h"

#include <fmt/format.h>

#include <algorithm>

namespace npyrace {
namespace {

/// The end of the last byte that belongs to a record, or of the header.
std::uint64_t records_end_bytes(const ArrayMap& map) {
  for (std::uint64_t element = map.elements(); element-- > 0;)
    if (map.is_record(element)) return map.record_offset_bytes(element) + map.record_bytes();
  return map.data_offset_bytes();
}

}  // namespace

void SizeValidator::check(const Subject& subject, const Piece& piece, Findings& findings) const {
  const ArrayMap& map = subject.map;
  if (piece.elements != 0 || piece.file_bytes == map.file_bytes()) return;
  // A file that ends before its records do shows as holes: counted by those who look at records.
  if (piece.file_bytes < records_end_bytes(map)) return;
  Example example = locate(subject, Anomaly::padding, map.elements() == 0 ? 0 : map.elements() - 1,
                           std::min(piece.file_bytes, map.file_bytes()));
  example.expected = fmt::format("a file of {} bytes", map.file_bytes());
  example.found = fmt::format("{} bytes", piece.file_bytes);
  example.region = Region::file_end;
  example.view = piece.judged.view;
  findings.add(std::move(example));
}

}  // namespace npyrace
