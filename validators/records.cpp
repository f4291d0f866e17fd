#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/base/checked.h"
#include "validators/classify.h"
#include "validators/expectation.h"
#include "validators/validator.h"

namespace npyrace {
namespace {

std::span<const std::byte> record_in(const Subject& subject, const Piece& piece,
                                     std::span<const std::byte> bytes, std::uint64_t element) {
  const std::uint64_t start =
      (element - piece.first_element) * subject.map.element_bytes() + subject.map.lead_bytes();
  return bytes.subspan(as_size(start), as_size(subject.map.record_bytes()));
}

bool right(const Subject& subject, std::uint64_t element, std::span<const std::byte> record) {
  return subject.stamper.matches(record, element, subject.expectation.generation);
}

std::string expected_words(unsigned oldest, const Subject& subject) {
  if (oldest == 0) return "zeros, or any generation";
  return fmt::format("generation {}{}", oldest,
                     oldest < subject.expectation.generation ? " or later" : "");
}

/// File ranges in which the record differs from its last write.
std::vector<ByteRange> damage_of(const Subject& subject, std::uint64_t element,
                                 std::span<const std::byte> record) {
  std::vector<std::byte> expected(record.size());
  subject.stamper.fill(expected, element, subject.expectation.generation);
  return differing_bytes(subject.stamper.values_of(record), expected,
                         subject.map.record_offset_bytes(element));
}

/// " (wrong: bytes 20480 to 24135 of the file)" if only a part of the record is wrong.
std::string damage_words(const Subject& subject, std::uint64_t element,
                         const std::vector<ByteRange>& damage) {
  if (damage.empty()) return "";
  const std::uint64_t start_bytes = subject.map.record_offset_bytes(element);
  const std::uint64_t end_bytes = start_bytes + subject.map.record_bytes();
  const bool all = damage.size() == 1 && damage[0].begin < start_bytes + kLaneBytes &&
                   damage[0].end + kLaneBytes > end_bytes;
  if (all) return "";
  std::vector<std::string> ranges;
  for (const ByteRange& range : damage)
    ranges.push_back(range.end - range.begin == 1
                         ? fmt::format("{}", range.begin)
                         : fmt::format("{} to {}", range.begin, range.end - 1));
  return fmt::format(" (wrong: bytes {}{} of the file)", fmt::join(ranges, ", "),
                     damage.size() == kMostDamageRanges ? ", …" : "");
}

void report(const Subject& subject, std::uint64_t element, const Classified& classified,
            std::span<const std::byte> record, const std::string& view, Findings& findings) {
  findings.add(classified.anomaly, subject.map.record_offset_bytes(element), [&] {
    Example example =
        locate_record(subject, classified.anomaly, element, damage_of(subject, element, record));
    example.expected = expected_words(oldest_kept(subject, element), subject);
    example.found = classified.found + damage_words(subject, element, example.damage);
    example.view = view;
    return example;
  });
}

/// The tile in which the record's damage begins.
std::uint64_t damaged_tile(const Subject& subject, std::uint64_t element,
                           std::span<const std::byte> record) {
  const std::uint64_t tile = tile_bytes(subject.map.file_bytes());
  const std::uint64_t start_bytes = subject.map.record_offset_bytes(element);
  if (start_bytes / tile == (start_bytes + record.size() - 1) / tile) return start_bytes / tile;
  const std::vector<ByteRange> damage = damage_of(subject, element, record);
  return (damage.empty() ? start_bytes : damage.front().begin) / tile;
}

/// Other records of the piece that may have the same origin as this one.
std::vector<Neighbour> neighbours_of(const Subject& subject, const Piece& piece,
                                     std::span<const std::byte> bytes, std::uint64_t element) {
  std::vector<Neighbour> neighbours;
  neighbours.reserve(8);
  const auto add = [&](std::uint64_t other) {
    if (other < piece.first_element || other >= piece.first_element + piece.elements) return;
    if (!subject.map.is_record(other)) return;
    neighbours.push_back({other, record_in(subject, piece, bytes, other)});
  };
  for (const std::uint64_t distance : {1, 2, 4, 8}) {
    add(element + distance);
    if (element >= distance) add(element - distance);
  }
  return neighbours;
}

/// An unacknowledged write may have happened completely, partly or not at all; any other content is
/// an anomaly.
void judge_wrong_record(const Subject& subject, const Piece& piece, std::uint64_t element,
                        Findings& findings) {
  const auto record = record_in(subject, piece, piece.judged.bytes, element);
  if (is_unwritten(subject, element, record)) {
    ++findings.unwritten;
    return;
  }
  findings.add_damaged(element);
  const auto neighbours = neighbours_of(subject, piece, piece.judged.bytes, element);
  ++findings.damaged_tiles[damaged_tile(subject, element, record)];
  report(subject, element, classify(subject, element, record, neighbours), record,
         piece.judged.view, findings);
}

/// Elements [first, end) of a piece, all of them records.
struct Stretch {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
};

/// Fast check, because nearly always all records are correct.
bool all_right(const Subject& subject, const Piece& piece, const Stretch& stretch) {
  const ArrayMap& map = subject.map;
  const std::uint64_t start =
      (stretch.first - piece.first_element) * map.element_bytes() + map.lead_bytes();
  return subject.stamper.match_all(piece.judged.bytes.subspan(as_size(start)),
                                   {.first_element = stretch.first,
                                    .records = stretch.end - stretch.first,
                                    .record_bytes = map.record_bytes(),
                                    .step_bytes = map.element_bytes()},
                                   subject.expectation.generation);
}

void check_stretch(const Subject& subject, const Piece& piece, const Stretch& stretch,
                   Findings& findings) {
  findings.records_checked += stretch.end - stretch.first;
  if (all_right(subject, piece, stretch)) return;
  for (std::uint64_t element = stretch.first; element < stretch.end; ++element)
    if (!right(subject, element, record_in(subject, piece, piece.judged.bytes, element)))
      judge_wrong_record(subject, piece, element, findings);
}

/// memcmp, because std::ranges::equal compares single bytes.
bool same_bytes(std::span<const std::byte> a, std::span<const std::byte> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0;
}

/// The record's content in each generation; index 0 is zeros.
std::vector<std::vector<std::byte>> history(const Subject& subject, std::uint64_t element) {
  const auto record_bytes = as_size(subject.map.record_bytes());
  std::vector<std::vector<std::byte>> all(1, std::vector<std::byte>(record_bytes));
  for (unsigned generation = 1; generation <= subject.expectation.generation; ++generation)
    subject.stamper.fill(all.emplace_back(record_bytes), element, generation);
  return all;
}

/// True if the lane consists of a beginning from one generation and an end from another.
bool old_in_parts(const std::vector<std::vector<std::byte>>& history,
                  std::span<const std::byte> record, std::size_t first, std::size_t size) {
  std::size_t longest_start = 0;
  std::size_t longest_end = 0;
  for (const std::vector<std::byte>& past : history) {
    std::size_t start = 0;
    while (start < size && past[first + start] == record[first + start]) ++start;
    std::size_t end = 0;
    while (end < size && past[first + size - 1 - end] == record[first + size - 1 - end]) ++end;
    longest_start = std::max(longest_start, start);
    longest_end = std::max(longest_end, end);
  }
  return longest_start + longest_end >= size;
}

/// A node that reads a page while another node's write arrives at the server may cache it cut at
/// any byte (observed on NFS): its content is old, although a lane decodes to nothing.
bool cut_from_old(const Subject& subject, std::uint64_t element,
                  std::span<const std::byte> viewed) {
  const auto past = history(subject, element);
  const std::vector<std::byte> record = subject.stamper.values_of(viewed);
  for (std::size_t first = 0; first < record.size(); first += kLaneBytes)
    if (!old_in_parts(past, record, first,
                      std::min<std::size_t>(kLaneBytes, record.size() - first)))
      return false;
  return true;
}

/// The judge's content is correct; a different view is stale if its content is merely older.
void compare_view(const Subject& subject, const Piece& piece, const ViewedBytes& view,
                  Findings& findings) {
  if (same_bytes(view.bytes, piece.judged.bytes)) return;
  for (std::uint64_t i = 0; i < piece.elements; ++i) {
    const std::uint64_t element = piece.first_element + i;
    const auto viewed = record_in(subject, piece, view.bytes, element);
    const auto judged = record_in(subject, piece, piece.judged.bytes, element);
    if (!subject.map.is_record(element) || same_bytes(viewed, judged)) continue;
    if (right(subject, element, viewed) || !right(subject, element, judged)) continue;
    Classified classified = classify(subject, element, viewed);
    if (classified.only_old || cut_from_old(subject, element, viewed))
      classified.anomaly = Anomaly::stale;
    findings.uncached_differences += view.uncached;
    report(subject, element, classified, viewed, view.view, findings);
  }
}

}  // namespace

void check_records(const Subject& subject, const Piece& piece, Findings& findings) {
  const std::uint64_t end = piece.first_element + piece.elements;
  for (std::uint64_t element = piece.first_element; element < end;) {
    const Stretch stretch{element, std::min(end, subject.map.stretch_end(element))};
    if (subject.map.is_record(element)) check_stretch(subject, piece, stretch, findings);
    element = stretch.end;
  }
  for (const ViewedBytes& view : piece.views) compare_view(subject, piece, view, findings);
}

}  // namespace npyrace
