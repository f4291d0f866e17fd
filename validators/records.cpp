#include "validators/records.h"

#include <fmt/format.h>

#include <algorithm>

#include "validators/classify.h"

namespace npyrace {
namespace {

std::span<const std::byte> record_in(const Subject& subject, const Piece& piece,
                                     std::span<const std::byte> bytes, std::uint64_t element) {
  const std::uint64_t start =
      (element - piece.first_element) * subject.map.element_bytes() + subject.map.lead_bytes();
  return bytes.subspan(static_cast<std::size_t>(start),
                       static_cast<std::size_t>(subject.map.record_bytes()));
}

bool right(const Subject& subject, std::uint64_t element, std::span<const std::byte> record) {
  return subject.stamper.matches(record, element, subject.expectation.generation);
}

void report(const Subject& subject, std::uint64_t element, const Classified& classified,
            const std::string& view, Findings& findings) {
  Example example =
      locate(subject, classified.anomaly, element, subject.map.record_offset_bytes(element));
  example.expected = fmt::format("generation {}", subject.expectation.generation);
  example.found = classified.found;
  example.view = view;
  findings.add(std::move(example));
}

/// A write that was never acknowledged may have happened, in part or not at all; what it may not
/// do is leave anything else behind.
void judge_wrong_record(const Subject& subject, const Piece& piece, std::uint64_t element,
                        Findings& findings) {
  const auto record = record_in(subject, piece, piece.judged.bytes, element);
  const Classified classified = classify(subject, element, record);
  const bool promised = subject.expectation.promised(subject.map.writer_of(element).value_or(0));
  if (!promised && classified.only_old)
    ++findings.unwritten;
  else
    report(subject, element, classified, piece.judged.view, findings);
}

/// The store is right; a view that shows anything else is stale where it is merely behind.
void compare_view(const Subject& subject, const Piece& piece, const ViewedBytes& view,
                  Findings& findings) {
  if (std::ranges::equal(view.bytes, piece.judged.bytes)) return;
  for (std::uint64_t i = 0; i < piece.elements; ++i) {
    const std::uint64_t element = piece.first_element + i;
    const auto viewed = record_in(subject, piece, view.bytes, element);
    const auto judged = record_in(subject, piece, piece.judged.bytes, element);
    if (!subject.map.is_record(element) || std::ranges::equal(viewed, judged)) continue;
    if (right(subject, element, viewed) || !right(subject, element, judged)) continue;
    Classified classified = classify(subject, element, viewed);
    if (classified.only_old) classified.anomaly = Anomaly::stale;
    report(subject, element, classified, view.view, findings);
  }
}

}  // namespace

void RecordValidator::check(const Subject& subject, const Piece& piece, Findings& findings) const {
  for (std::uint64_t i = 0; i < piece.elements; ++i) {
    const std::uint64_t element = piece.first_element + i;
    if (!subject.map.is_record(element)) continue;
    ++findings.records_checked;
    if (!right(subject, element, record_in(subject, piece, piece.judged.bytes, element)))
      judge_wrong_record(subject, piece, element, findings);
  }
  for (const ViewedBytes& view : piece.views) compare_view(subject, piece, view, findings);
}

}  // namespace npyrace
