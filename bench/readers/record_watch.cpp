#include "bench/readers/record_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "validators/classify.h"

namespace npyrace {
namespace {

constexpr int kBroken = -1;

std::string words_for(unsigned generation) {
  return generation == 0 ? "zeros" : fmt::format("generation {}", generation);
}

bool is_zeros(std::span<const std::byte> record) {
  return std::ranges::all_of(record, [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

RecordWatch::RecordWatch(const ArrayMap& map, Stamper stamper, std::string view,
                         std::uint64_t most_watched)
    : map_(map),
      stamper_(stamper),
      view_(std::move(view)),
      step_(std::max<std::uint64_t>(1, (map.elements() + most_watched - 1) / most_watched)),
      last_(static_cast<std::size_t>((map.elements() + step_ - 1) / step_)) {}

void RecordWatch::look(std::uint64_t first_element, std::span<const std::byte> bytes) {
  const std::uint64_t elements = bytes.size() / map_.element_bytes();
  if (all_unchanged(first_element, bytes)) {
    seen_.records_read += elements;
    return;
  }
  for (std::uint64_t i = 0; i < elements; ++i) {
    const std::uint64_t element = first_element + i;
    if (element % step_ != 0 || !map_.is_record(element)) continue;
    const auto start = static_cast<std::size_t>(i * map_.element_bytes() + map_.lead_bytes());
    look_at_record(element, bytes.subspan(start, static_cast<std::size_t>(map_.record_bytes())));
  }
}

/// The quick answer where records lie back to back and all have stayed as they were.
bool RecordWatch::all_unchanged(std::uint64_t first_element,
                                std::span<const std::byte> bytes) const {
  const bool back_to_back = map_.element_bytes() == map_.record_bytes();
  const std::uint64_t elements = bytes.size() / map_.element_bytes();
  if (step_ != 1 || !back_to_back || elements == 0) return false;
  if (map_.stretch_end(first_element) < first_element + elements) return false;
  if (!map_.is_record(first_element)) return false;
  const auto before = std::span(last_).subspan(static_cast<std::size_t>(first_element),
                                               static_cast<std::size_t>(elements));
  const std::uint8_t last = before.front();
  return last > 0 && std::ranges::all_of(before, [&](std::uint8_t b) { return b == last; }) &&
         stamper_.match_all(bytes, static_cast<std::size_t>(map_.record_bytes()), first_element,
                            last);
}

void RecordWatch::look_at_record(std::uint64_t element, std::span<const std::byte> record) {
  ++seen_.records_read;
  std::uint8_t& last = last_[static_cast<std::size_t>(element / step_)];
  const int generation = whole_generation(element, record);
  if (generation == kBroken) {
    note_broken(element, record);
    return;
  }
  if (generation < last) {
    ++seen_.went_back;
    seen_.add_example(sighting("went_back", element, words_for(static_cast<unsigned>(generation))));
  }
  last = static_cast<std::uint8_t>(generation);
}

/// Mostly the record is as it was, or of the generation that is being written.
int RecordWatch::whole_generation(std::uint64_t element, std::span<const std::byte> record) const {
  const unsigned last = last_[static_cast<std::size_t>(element / step_)];
  const auto is = [&](unsigned generation) {
    return stamper_.matches(record, element, generation);
  };
  if (last > 0 && is(last)) return static_cast<int>(last);
  for (unsigned generation = newest_; generation >= 1; --generation)
    if (is(generation)) return static_cast<int>(generation);
  return is_zeros(record) ? 0 : kBroken;
}

void RecordWatch::note_broken(std::uint64_t element, std::span<const std::byte> record) {
  const Subject subject{.map = map_, .stamper = stamper_, .expectation = {.generation = newest_}};
  Classified classified = classify(subject, element, record);
  const bool torn = classified.anomaly == Anomaly::torn && classified.only_old;
  ++(torn ? seen_.torn : seen_.other);
  seen_.add_example(sighting(torn ? "torn" : "other", element, std::move(classified.found)));
}

Sighting RecordWatch::sighting(const char* kind, std::uint64_t element, std::string found) const {
  const std::uint64_t writer = map_.writer_of(element).value_or(0);
  return {.kind = kind,
          .record = element,
          .writer = writer,
          .found = std::move(found),
          .before = words_for(last_[static_cast<std::size_t>(element / step_)]),
          .view = view_};
}

ReadersResult RecordWatch::take() {
  return std::exchange(seen_, {});
}

}  // namespace npyrace
