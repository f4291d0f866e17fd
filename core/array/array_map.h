#pragma once
// The map of the shared array file: offset and owner of every record, and the counts of units
// shared by writers.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/array/ownership.h"
#include "core/array/stamp.h"
#include "core/npy/npy_header.h"

namespace npyrace {

/// How a record is filled with stamps.
enum class Content {
  bytes,   ///< all bytes, regardless of their meaning
  values,  ///< only bits that survive a copy value by value (value_form.h)
};

/// The parameters of an ArrayMap. Small enough to send to workers and to store in a sidecar, which
/// rebuild the same map from it.
struct ArrayRequest {
  /// Data type of one item, as NumPy writes it.
  std::string descr = "[('start_ns', '<i8'), ('finish_ns', '<i8')]";
  std::vector<std::uint64_t> row_shape;  ///< shape of one record in items; empty: a single item
  std::uint64_t records = 0;
  std::string layout = "packed";
  std::uint64_t align_bytes = 4096;  ///< a power of two
  Ownership ownership = Ownership::block;
  std::uint64_t writers = 1;
  std::uint64_t seed = 1;  ///< for random ownership
  Content content = Content::values;
  unsigned stamp_version = kStampVersion;
  /// All bytes before the data, if the file was created by another program; empty: the header that
  /// NumPy writes.
  std::string header = {};
  /// Observed ownership: the writer of each record, or kNobody. Not serialized.
  std::shared_ptr<const std::vector<std::uint32_t>> observed = nullptr;
};

/// Records of a writer at constant distance in the file.
struct StridedRun {
  std::uint64_t first_offset_bytes = 0;
  std::uint64_t step_bytes = 0;
  std::uint64_t records = 0;
};

/// Immutable. An element is one index of the array's first axis; with padded layouts, some elements
/// hold no record.
class ArrayMap {
 public:
  /// Throws UsageError when the request is invalid or its sizes overflow.
  explicit ArrayMap(const ArrayRequest& request);

  const ArrayRequest& request() const { return request_; }
  /// The header as values.
  const NpyHeaderSpec& header_spec() const { return header_spec_; }
  /// The bytes before the data: a header that NumPy can read.
  const std::vector<std::byte>& header() const { return header_; }

  std::uint64_t records() const { return request_.records; }
  std::uint64_t writers() const { return request_.writers; }
  std::uint64_t record_bytes() const { return record_bytes_; }
  std::uint64_t elements() const { return elements_; }
  std::uint64_t element_bytes() const { return element_bytes_; }
  /// Bytes from the start of an element to its record.
  std::uint64_t lead_bytes() const { return lead_bytes_; }
  std::uint64_t data_offset_bytes() const { return header_.size(); }
  std::uint64_t file_bytes() const { return data_offset_bytes() + elements_ * element_bytes_; }

  /// The encoder and decoder of this array's stamps.
  Stamper stamper(std::uint64_t stamp_seed) const {
    return Stamper(stamp_seed, form_, request_.stamp_version);
  }
  /// The form of records with bytes that are not values; null: all bytes are values.
  const ValueForm* value_form() const { return form_.get(); }
  /// Number of stamp bits per record.
  std::uint64_t stamp_bits() const { return form_ ? form_->bits() : 8 * record_bytes_; }
  /// Why stamps do not survive a copy value by value: a record has too few value bits. Then all
  /// bytes are stamped. Empty: they do survive.
  const std::string& too_few_values() const { return too_few_values_; }

  /// File offset of an element's record.
  std::uint64_t record_offset_bytes(std::uint64_t element) const {
    return data_offset_bytes() + element * element_bytes_ + lead_bytes_;
  }

  /// The element that contains a byte of the data.
  std::uint64_t element_at(std::uint64_t offset_bytes) const {
    return (offset_bytes - data_offset_bytes()) / element_bytes_;
  }

  std::uint64_t count(std::uint64_t writer) const { return owners_.count(writer); }
  /// The element that holds the writer's record number `position`.
  std::uint64_t element(std::uint64_t writer, std::uint64_t position) const;
  /// The owner of an element; nothing for an element without a record.
  std::optional<std::uint64_t> writer_of(std::uint64_t element) const;
  /// The inverse of `element`: the record's number among its writer's records. Requires is_record.
  std::uint64_t position_of(std::uint64_t element) const;
  bool is_record(std::uint64_t element) const {
    return request_.ownership == Ownership::observed || !block_first_elements_.empty()
               ? writer_of(element).has_value()
               : true;
  }

  /// End of the range of elements around `element` that are all records or all none.
  std::uint64_t stretch_end(std::uint64_t element) const;

  /// End of the elements from `element` on that certainly have the same owner, or none.
  std::uint64_t owner_end(std::uint64_t element) const {
    return block_first_elements_.empty() ? owners_.owner_end(element) : stretch_end(element);
  }

  /// The writer's records in its own order, in as few runs as possible.
  std::vector<StridedRun> runs(std::uint64_t writer) const;

  /// The writers that own a byte in [offset, offset + size), ascending; if there are more than
  /// `most`, those of the first records.
  std::vector<std::uint64_t> writers_in(std::uint64_t offset_bytes, std::uint64_t size_bytes,
                                        std::size_t most) const;

 private:
  void choose_form(const Dtype& item);

  ArrayRequest request_;
  OwnershipMap owners_;
  NpyHeaderSpec header_spec_;
  std::vector<std::byte> header_;
  std::uint64_t record_bytes_ = 0;
  std::uint64_t element_bytes_ = 0;
  std::uint64_t lead_bytes_ = 0;
  std::uint64_t elements_ = 0;
  std::shared_ptr<const ValueForm> form_;
  std::string too_few_values_;
  std::vector<std::uint64_t> block_first_elements_;  // empty: record i is element i
};

/// Numbers of alignment units that hold records of several writers, or of several page caches.
struct SharedUnits {
  std::uint64_t by_writers = 0;
  std::uint64_t by_caches = 0;

  /// Units in which updates can be lost: between caches if there are several, else between writers.
  std::uint64_t contended(std::size_t caches) const { return caches > 1 ? by_caches : by_writers; }
};

/// The smaller value of each count.
SharedUnits fewest(const SharedUnits& one, const SharedUnits& other);

/// `caches[m]` is the page cache of mount m; writer w uses mount w modulo the number of mounts.
SharedUnits count_shared_units(const ArrayMap& map, std::span<const std::uint64_t> caches);

/// Units in which one writer's record can be lost by another's write; each is a trial whenever both
/// write. In a packed layout these are the shared units. A padded layout shares none: there it
/// counts the units with another writer's unit within 1 MiB (or directly next to it), which a file
/// system with larger units would share.
SharedUnits count_units_at_risk(const ArrayMap& map, std::span<const std::uint64_t> caches);

/// Both counts, in one pass over the records where they are equal.
struct UnitCounts {
  SharedUnits shared;
  SharedUnits at_risk;
};
UnitCounts count_units(const ArrayMap& map, std::span<const std::uint64_t> caches);

/// Number of writers that own at least one record.
std::uint64_t count_owners(const ArrayMap& map);

}  // namespace npyrace
