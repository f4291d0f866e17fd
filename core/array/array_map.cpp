#include "core/array/array_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "core/array/layout.h"
#include "core/array/stamp.h"
#include "core/base/checked.h"
#include "core/base/error.h"
#include "core/npy/dtype.h"
#include "core/npy/npy_header.h"

namespace npyrace {
namespace {

void require(bool holds, const std::string& otherwise) {
  if (!holds) throw UsageError(otherwise);
}

Dtype item_of(const ArrayRequest& request) {
  try {
    return dtype_from_text(request.descr);
  } catch (const DtypeError& error) {
    throw UsageError("descr '" + request.descr + "': " + error.what());
  }
}

void require_sensible(const ArrayRequest& request, const Dtype& item) {
  require(request.records > 0,
          "the array has no record: --records, or the first axis of --shape, must be 1 or more");
  require(request.writers > 0, "--writers must be 1 or more");
  require(request.stamp_version >= kOldestStampVersion && request.stamp_version <= kStampVersion,
          "stamps of a version that this npyrace does not know");
  require(std::has_single_bit(request.align_bytes),
          fmt::format("--align {}: it must be a power of two, in bytes, such as 4096 or 1M",
                      request.align_bytes));
  require(!item.has_object(), "descr '" + request.descr + "': Python objects cannot be raced");
  require(item.itemsize_bytes() > 0, "descr '" + request.descr + "': items of no bytes");
}

RecordForm record_form(const ArrayRequest& request) {
  RecordForm form{.item = item_of(request), .shape = request.row_shape};
  require_sensible(request, form.item);
  CheckedSize bytes = form.item.itemsize_bytes();
  for (const std::uint64_t length : form.shape) bytes = checked_multiply(bytes, length);
  form.bytes = fit(bytes, "a record");
  require(form.bytes > 0, "a record of no bytes: --shape has a zero");
  return form;
}

/// Packed files equal those of NumPy; padded ones need aligned data.
std::uint64_t header_alignment(const LayoutRow& layout, std::uint64_t align_bytes) {
  if (!layout.padded) return kDefaultAlignmentBytes;
  return std::clamp(align_bytes, kDefaultAlignmentBytes, kLargestHeaderAlignment);
}

NpyHeaderSpec header_spec_for(const Arrangement& arrangement) {
  std::vector<std::uint64_t> shape{arrangement.elements};
  shape.insert(shape.end(), arrangement.element_shape.begin(), arrangement.element_shape.end());
  return {.dtype = arrangement.item, .shape = shape};
}

std::vector<std::byte> bytes_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

}  // namespace

ArrayMap::ArrayMap(const ArrayRequest& request)
    : request_(request),
      owners_({request.ownership, request.records, std::max<std::uint64_t>(1, request.writers),
               request.seed, request.observed}) {
  const RecordForm form = record_form(request);
  const LayoutRow& layout = find_layout(request.layout);
  const std::uint64_t alignment_bytes = header_alignment(layout, request.align_bytes);
  // The arrangement depends on the data offset, the data offset on the header, and the header on
  // the arrangement. The header can only grow, in steps of the alignment, so this loop ends after a
  // few rounds.
  Arrangement arrangement;
  std::uint64_t data_offset_bytes = 0;
  do {
    data_offset_bytes = std::max<std::uint64_t>(header_.size(), alignment_bytes);
    arrangement = layout.arrange({.record = form,
                                  .owners = owners_,
                                  .align_bytes = request.align_bytes,
                                  .data_offset_bytes = data_offset_bytes});
    header_spec_ = header_spec_for(arrangement);
    header_ = encode_header(header_spec_, alignment_bytes);
  } while (header_.size() != data_offset_bytes);
  if (!request.header.empty()) header_ = bytes_of(request.header);
  record_bytes_ = form.bytes;
  element_bytes_ = arrangement.element_bytes;
  lead_bytes_ = arrangement.lead_bytes;
  elements_ = arrangement.elements;
  block_first_elements_ = std::move(arrangement.block_first_elements);
  choose_form(form.item);
  fit(checked_add(header_.size(), checked_multiply(elements_, element_bytes_)), "the array");
  require(elements_ < kLaneLimit / stamper(0).lanes(record_bytes_),
          "the array has more than 2^56 lanes of 8 bytes");
}

/// Minimum number of stamp bits: with fewer bits a damaged record is too often taken for correct.
/// One byte has as many.
constexpr std::uint64_t kFewestStampBits = 8;

void ArrayMap::choose_form(const Dtype& item) {
  if (request_.content == Content::bytes) return;
  const std::uint64_t items = record_bytes_ / item.itemsize_bytes();
  auto form = std::make_shared<const ValueForm>(item, items, elements_);
  if (form->all_bytes()) return;
  if (form->bits() >= kFewestStampBits) {
    form_ = std::move(form);
    return;
  }
  if (form->bits() == 0) {
    too_few_values_ = fmt::format(
        "descr '{}' has no value but NaT that survives every copy; give it a unit of time, as in "
        "'<M8[s]'",
        request_.descr);
    return;
  }
  too_few_values_ = fmt::format(
      "a record of {} item{} of descr '{}' has {} different values that survive every copy, so a "
      "damaged one would pass for right with a chance of 1 in {}; give records of more items, as "
      "in --shape N,{}",
      items, items == 1 ? "" : "s", request_.descr, std::uint64_t{1} << form->bits(),
      std::uint64_t{1} << form->bits(), items * kFewestStampBits);
}

std::uint64_t ArrayMap::element(std::uint64_t writer, std::uint64_t position) const {
  if (block_first_elements_.empty()) return owners_.record(writer, position);
  return block_first_elements_[as_size(writer)] + position;
}

std::optional<std::uint64_t> ArrayMap::writer_of(std::uint64_t element) const {
  if (block_first_elements_.empty()) return owners_.writer_of(element);
  const auto after = std::ranges::upper_bound(block_first_elements_, element);
  if (after == block_first_elements_.begin()) return std::nullopt;
  const auto writer = static_cast<std::uint64_t>(after - block_first_elements_.begin()) - 1;
  const bool inside = element - block_first_elements_[as_size(writer)] < owners_.count(writer);
  return inside ? std::optional(writer) : std::nullopt;
}

std::uint64_t ArrayMap::position_of(std::uint64_t element) const {
  if (block_first_elements_.empty()) return owners_.position_of(element);
  return element - *(std::ranges::upper_bound(block_first_elements_, element) - 1);
}

std::uint64_t ArrayMap::stretch_end(std::uint64_t element) const {
  const auto after = std::ranges::upper_bound(block_first_elements_, element);
  // The block of a writer without records may begin beyond the end of the array.
  const std::uint64_t next =
      after == block_first_elements_.end() ? elements_ : std::min(*after, elements_);
  if (after == block_first_elements_.begin()) return next;
  const auto writer = static_cast<std::uint64_t>(after - block_first_elements_.begin()) - 1;
  const std::uint64_t records_end = *(after - 1) + owners_.count(writer);
  return element < records_end ? records_end : next;
}

std::vector<StridedRun> ArrayMap::runs(std::uint64_t writer) const {
  const std::uint64_t records = owners_.count(writer);
  if (records == 0) return {};
  const bool scattered =
      request_.ownership == Ownership::random || request_.ownership == Ownership::observed;
  const bool one_run = !block_first_elements_.empty() || !scattered;
  if (one_run) {
    const bool cyclic = block_first_elements_.empty() && request_.ownership == Ownership::cyclic;
    return {{.first_offset_bytes = record_offset_bytes(element(writer, 0)),
             .step_bytes = element_bytes_ * (cyclic ? request_.writers : 1),
             .records = records}};
  }
  std::vector<StridedRun> runs;
  for (std::uint64_t position = 0; position < records; ++position) {
    const std::uint64_t offset_bytes = record_offset_bytes(element(writer, position));
    const bool follows = !runs.empty() && offset_bytes == runs.back().first_offset_bytes +
                                                              runs.back().records * element_bytes_;
    if (follows)
      ++runs.back().records;
    else
      runs.push_back({offset_bytes, element_bytes_, 1});
  }
  return runs;
}

std::vector<std::uint64_t> ArrayMap::writers_in(std::uint64_t offset_bytes,
                                                std::uint64_t size_bytes, std::size_t most) const {
  const std::uint64_t end_bytes = std::min(offset_bytes + size_bytes, file_bytes());
  const std::uint64_t first_bytes = std::max(offset_bytes, data_offset_bytes());
  std::vector<std::uint64_t> writers;
  if (first_bytes >= end_bytes) return writers;
  std::uint64_t element = element_at(first_bytes);
  // Few writers are soon found, and only the records of random or observed owners are asked one by
  // one.
  while (element < elements_ && record_offset_bytes(element) < end_bytes &&
         writers.size() < std::min<std::uint64_t>(most, request_.writers)) {
    const bool before = record_offset_bytes(element) + record_bytes_ <= first_bytes;
    const auto writer = before ? std::nullopt : writer_of(element);
    element = before ? element + 1 : owner_end(element);
    if (!writer) continue;
    const auto place = std::ranges::lower_bound(writers, *writer);
    if (place == writers.end() || *place != *writer) writers.insert(place, *writer);
  }
  return writers;
}

namespace {

/// Counts the current alignment unit: its first owner, and whether there are others.
class UnitTally {
 public:
  explicit UnitTally(std::span<const std::uint64_t> caches) : caches_(caches) {}

  void add(std::uint64_t unit, std::uint64_t writer) {
    if (unit != unit_) close(unit, writer);
    by_writers_ |= writer != first_writer_;
    by_caches_ |= cache_of(writer) != cache_of(first_writer_);
  }

  SharedUnits finish() {
    close(unit_ + 1, 0);
    return total_;
  }

 private:
  std::uint64_t cache_of(std::uint64_t writer) const {
    return caches_[as_size(writer % caches_.size())];
  }

  void close(std::uint64_t next_unit, std::uint64_t writer) {
    total_.by_writers += by_writers_;
    total_.by_caches += by_caches_;
    by_writers_ = by_caches_ = false;
    unit_ = next_unit;
    first_writer_ = writer;
  }

  std::span<const std::uint64_t> caches_;
  std::uint64_t unit_ = ~std::uint64_t{0};
  std::uint64_t first_writer_ = 0;
  bool by_writers_ = false;
  bool by_caches_ = false;
  SharedUnits total_;
};

/// Calls `visit` with the writer, the first and the last unit of each run of elements of one owner,
/// in the order of the file.
template <typename Visit>
void visit_owner_runs(const ArrayMap& map, Visit visit) {
  const std::uint64_t unit_bytes = map.request().align_bytes;
  for (std::uint64_t element = 0, end = 0; element < map.elements(); element = end) {
    end = map.owner_end(element);
    const auto writer = map.writer_of(element);
    if (!writer) continue;
    const std::uint64_t last_byte = map.record_offset_bytes(end - 1) + map.record_bytes() - 1;
    visit(*writer, map.record_offset_bytes(element) / unit_bytes, last_byte / unit_bytes);
  }
}

}  // namespace

SharedUnits fewest(const SharedUnits& one, const SharedUnits& other) {
  return {.by_writers = std::min(one.by_writers, other.by_writers),
          .by_caches = std::min(one.by_caches, other.by_caches)};
}

SharedUnits count_shared_units(const ArrayMap& map, std::span<const std::uint64_t> caches) {
  UnitTally tally(caches);
  visit_owner_runs(map, [&](std::uint64_t writer, std::uint64_t first, std::uint64_t last) {
    // Units between the first and the last contain only records of this writer.
    tally.add(first, writer);
    tally.add(last, writer);
  });
  return tally.finish();
}

namespace {

/// Counts units near a unit of another party, in one pass over the file.
class NearbyUnits {
 public:
  explicit NearbyUnits(std::uint64_t reach_units) : reach_units_(reach_units) {}

  void add(std::uint64_t first_unit, std::uint64_t last_unit, std::uint64_t party) {
    if (runs_ > 0 && party_ == party) {
      last_unit_ = last_unit;
      return;
    }
    if (runs_ > 0) close(near(first_unit - last_unit_));
    ++runs_;
    party_ = party;
    first_unit_ = first_unit;
    last_unit_ = last_unit;
  }

  std::uint64_t finish() {
    if (runs_ > 0) close(0);
    return total_;
  }

 private:
  std::uint64_t length() const { return last_unit_ - first_unit_ + 1; }

  /// Number of units of the run within reach of another party's unit at this distance from its end.
  std::uint64_t near(std::uint64_t distance) const {
    return distance > reach_units_ ? 0 : std::min(length(), reach_units_ - distance + 1);
  }

  void close(std::uint64_t near_the_next) {
    const std::uint64_t near_the_last = runs_ > 1 ? near(first_unit_ - last_before_) : 0;
    total_ += std::min(length(), near_the_last + near_the_next);
    last_before_ = last_unit_;
  }

  std::uint64_t reach_units_;
  std::uint64_t runs_ = 0;  ///< number of runs so far: adjacent units of one party
  std::uint64_t party_ = 0;
  std::uint64_t first_unit_ = 0;
  std::uint64_t last_unit_ = 0;
  std::uint64_t last_before_ = 0;  ///< last unit of the previous run
  std::uint64_t total_ = 0;
};

}  // namespace

SharedUnits count_units_at_risk(const ArrayMap& map, std::span<const std::uint64_t> caches) {
  if (!find_layout(map.request().layout).padded) return count_shared_units(map, caches);
  constexpr std::uint64_t kReachBytes = 1 << 20;  // no file system caches or locks in larger units
  const std::uint64_t reach_units =
      std::max<std::uint64_t>(1, kReachBytes / map.request().align_bytes);
  NearbyUnits by_writers(reach_units);
  NearbyUnits by_caches(reach_units);
  visit_owner_runs(map, [&](std::uint64_t writer, std::uint64_t first, std::uint64_t last) {
    by_writers.add(first, last, writer);
    by_caches.add(first, last, caches[as_size(writer % caches.size())]);
  });
  return {.by_writers = by_writers.finish(), .by_caches = by_caches.finish()};
}

UnitCounts count_units(const ArrayMap& map, std::span<const std::uint64_t> caches) {
  const SharedUnits shared = count_shared_units(map, caches);
  const bool padded = find_layout(map.request().layout).padded;
  return {.shared = shared, .at_risk = padded ? count_units_at_risk(map, caches) : shared};
}

std::uint64_t count_owners(const ArrayMap& map) {
  std::uint64_t owners = 0;
  for (std::uint64_t writer = 0; writer < map.writers(); ++writer) owners += map.count(writer) > 0;
  return owners;
}

}  // namespace npyrace
