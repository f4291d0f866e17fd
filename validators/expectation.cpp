#include "validators/expectation.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/base/checked.h"

namespace npyrace {
namespace {

struct Part {
  std::size_t start = 0;
  std::size_t end = 0;
};

/// Parts of a record that a killed writer stores atomically. A copy may stop between any two bytes
/// of an unaligned lane: at the end of a page, vector, or register.
std::vector<Part> parts_of(std::size_t record_bytes, std::uint64_t record_offset_bytes) {
  std::vector<Part> parts;
  for (std::size_t start = 0; start < record_bytes; start = parts.back().end) {
    const bool whole = start % kLaneBytes == 0 && record_bytes - start >= kLaneBytes;
    const bool at_once = whole && (record_offset_bytes + start) % kLaneBytes == 0;
    parts.push_back({start, start + (at_once ? as_size(kLaneBytes) : 1)});
  }
  return parts;
}

/// Content of the record in a generation; generation 0 is its content after creation.
std::vector<std::byte> content_of(const Subject& subject, std::uint64_t element,
                                  unsigned generation) {
  std::vector<std::byte> content(as_size(subject.map.record_bytes()));
  if (generation > 0) subject.stamper.fill(content, element, generation);
  return content;
}

}  // namespace

Expectation while_next_is_written(const Expectation& last, std::uint64_t writers) {
  Expectation next{.generation = last.generation + 1};
  for (std::uint64_t writer = 0; writer < writers; ++writer)
    next.promises.push_back({.kept = last.promise_of(writer).kept, .newest = next.generation});
  return next;
}

unsigned oldest_kept(const Subject& subject, std::uint64_t element) {
  const std::uint64_t writer = subject.map.writer_of(element).value_or(0);
  const WriterPromise promise = subject.expectation.promise_of(writer);
  if (promise.newest_records == 0) return promise.kept;
  const bool acknowledged = subject.map.position_of(element) < promise.newest_records;
  return acknowledged ? promise.newest : promise.kept;
}

bool all_may_be_zeros(const Subject& subject, std::uint64_t first, std::uint64_t end) {
  const ArrayMap& map = subject.map;
  const bool one_block =
      map.request().ownership == Ownership::block && map.writer_of(first) == map.writer_of(end - 1);
  // A writer acknowledges its first records first.
  if (one_block) return oldest_kept(subject, first) == 0;
  const std::vector<WriterPromise>& promises = subject.expectation.promises;
  return !promises.empty() && std::ranges::all_of(promises, [](const WriterPromise& promise) {
    return promise.kept == 0 && promise.newest_records == 0;
  });
}

bool is_unwritten(const Subject& subject, std::uint64_t element,
                  std::span<const std::byte> record) {
  const std::uint64_t writer = subject.map.writer_of(element).value_or(0);
  const unsigned oldest = oldest_kept(subject, element);
  const unsigned newest = subject.expectation.promise_of(writer).newest;
  if (oldest >= subject.expectation.generation) return false;
  const std::vector<std::byte> values = subject.stamper.values_of(record);
  std::vector<Part> open = parts_of(record.size(), subject.map.record_offset_bytes(element));
  for (unsigned generation = oldest; generation <= newest && !open.empty(); ++generation) {
    const std::vector<std::byte> content = content_of(subject, element, generation);
    std::erase_if(open, [&](const Part& part) {
      return std::memcmp(content.data() + part.start, values.data() + part.start,
                         part.end - part.start) == 0;
    });
  }
  return open.empty();
}

}  // namespace npyrace
