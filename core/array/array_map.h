#pragma once
// Where everything lies in the one file that all writers share: the array's header, its elements,
// and which of them belong to which writer.

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

/// The kind of stamps that a record is filled with.
enum class Content {
  bytes,   ///< in all its bytes, whatever they mean
  values,  ///< in its values, so that a copy value by value carries them
};

/// What is asked for. Small, and enough to rebuild the same map anywhere: workers and `verify` do.
struct ArrayRequest {
  std::string descr = "[('start_ns', '<i8'), ('finish_ns', '<i8')]";  ///< of one item, as NumPy
  std::vector<std::uint64_t> row_shape;  ///< items of one record; empty: one
  std::uint64_t records = 0;
  std::string layout = "packed";
  std::uint64_t align_bytes = 4096;  ///< a power of two
  Ownership ownership = Ownership::block;
  std::uint64_t writers = 1;
  std::uint64_t seed = 1;  ///< of random ownership
  Content content = Content::values;
  /// All bytes before the data of a file that somebody else made; empty: those that NumPy writes.
  std::string header = {};
  /// For observed ownership, in this process only: the writer of each record, or kNobody.
  std::shared_ptr<const std::vector<std::uint32_t>> observed = nullptr;
};

/// A run of a writer's records at equal steps in the file.
struct StridedRun {
  std::uint64_t first_offset_bytes = 0;
  std::uint64_t step_bytes = 0;
  std::uint64_t records = 0;
};

/// Immutable. Elements are counted along the array's first axis; some may belong to nobody.
class ArrayMap {
 public:
  /// Throws UsageError when the request cannot be meant or its sizes overflow.
  explicit ArrayMap(const ArrayRequest& request);

  const ArrayRequest& request() const { return request_; }
  /// The meaning of the header.
  const NpyHeaderSpec& header_spec() const { return header_spec_; }
  /// The bytes before the data: an NPY header that NumPy reads.
  const std::vector<std::byte>& header() const { return header_; }

  std::uint64_t records() const { return request_.records; }
  std::uint64_t writers() const { return request_.writers; }
  std::uint64_t record_bytes() const { return record_bytes_; }
  std::uint64_t elements() const { return elements_; }
  std::uint64_t element_bytes() const { return element_bytes_; }
  /// From the start of an element to its record.
  std::uint64_t lead_bytes() const { return lead_bytes_; }
  std::uint64_t data_offset_bytes() const { return header_.size(); }
  std::uint64_t file_bytes() const { return data_offset_bytes() + elements_ * element_bytes_; }

  /// Makes and reads the stamps of this array.
  Stamper stamper(std::uint64_t stamp_seed) const { return Stamper(stamp_seed, form_); }
  /// How many bits of stamp a record carries.
  std::uint64_t stamp_bits() const { return form_ ? form_->bits() : 8 * record_bytes_; }
  /// Why a program that copies values cannot carry the stamps: a record has too few of them. Then
  /// all bytes are stamped. Otherwise empty.
  const std::string& too_few_values() const { return too_few_values_; }

  /// Where the record of an element begins in the file.
  std::uint64_t record_offset_bytes(std::uint64_t element) const {
    return data_offset_bytes() + element * element_bytes_ + lead_bytes_;
  }

  std::uint64_t count(std::uint64_t writer) const { return owners_.count(writer); }
  /// The element of the writer's record number `position`.
  std::uint64_t element(std::uint64_t writer, std::uint64_t position) const;
  /// The owner of an element, or nobody.
  std::optional<std::uint64_t> writer_of(std::uint64_t element) const;
  /// Which of its writer's records the element is, in the order of `element`; needs is_record.
  std::uint64_t position_of(std::uint64_t element) const;
  bool is_record(std::uint64_t element) const {
    return request_.ownership == Ownership::observed || !block_first_elements_.empty()
               ? writer_of(element).has_value()
               : true;
  }

  /// The end of the stretch of elements in which `element` lies: all are records, or none is.
  std::uint64_t stretch_end(std::uint64_t element) const;

  /// The writer's records in its own order, as few runs as they make.
  std::vector<StridedRun> runs(std::uint64_t writer) const;

  /// The writers that own a byte of [offset, offset + size), ascending, at most `most`.
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

/// How many alignment units hold records of two writers, and of two page caches.
struct SharedUnits {
  std::uint64_t by_writers = 0;
  std::uint64_t by_caches = 0;

  /// Those that somebody can lose by: where there are several page caches, between them.
  std::uint64_t contended(std::size_t caches) const { return caches > 1 ? by_caches : by_writers; }
};

/// The smaller of each count.
SharedUnits fewest(const SharedUnits& one, const SharedUnits& other);

/// `caches[m]` names the page cache behind mount m; writer w writes through mount w modulo mounts.
SharedUnits count_shared_units(const ArrayMap& map, std::span<const std::uint64_t> caches);

/// The units in which one writer's record can be lost by another's write, so that each is a trial
/// whenever both write: of a packed layout the units they share. A padded layout shares none; there
/// it is the units within 1 MiB (at least: next to each other) of another's, which a file system
/// with larger units would share.
SharedUnits count_units_at_risk(const ArrayMap& map, std::span<const std::uint64_t> caches);

/// Both, with one pass over the records where they are the same.
struct UnitCounts {
  SharedUnits shared;
  SharedUnits at_risk;
};
UnitCounts count_units(const ArrayMap& map, std::span<const std::uint64_t> caches);

/// How many writers own a record at all.
std::uint64_t count_owners(const ArrayMap& map);

}  // namespace npyrace
