#pragma once
// The stage of strategies `direct` and `pwrite-atomic` that assembles records to whole alignment
// units.

#include <cstdint>
#include <functional>
#include <span>

#include "core/file/buffers.h"

namespace npyrace {

struct UnitStageRequest {
  std::uint64_t unit_bytes = 4096;
  /// Largest single write, in bytes; a multiple of the unit.
  std::uint64_t most_bytes = 1 << 20;
  /// True if records share their units only with padding. Otherwise a partly filled unit is read
  /// from the file before it is written.
  bool records_alone = false;
  /// Fills the span, which covers whole units, from the file; zeros past the end of the file.
  std::function<void(std::span<std::byte>, std::uint64_t offset_bytes)> read;
  /// Writes whole units from aligned memory; they may extend past the end of the file.
  std::function<void(std::span<std::byte>, std::uint64_t offset_bytes)> write;
};

class UnitStage {
 public:
  explicit UnitStage(UnitStageRequest request);

  /// Copies the data. Writes full buffers, and the buffered data when `offset_bytes` does not
  /// continue them.
  void put(std::uint64_t offset_bytes, std::span<const std::byte> data);
  /// Writes all buffered data after completing the first and last unit.
  void flush();

 private:
  void open_at(std::uint64_t offset_bytes);
  bool continues_at(std::uint64_t offset_bytes) const;
  void fill_gap_to(std::uint64_t offset_bytes);
  void complete_last_unit();

  UnitStageRequest request_;
  AlignedBuffer memory_;
  AlignedBuffer unit_memory_;
  std::span<std::byte> window_;
  std::span<std::byte> unit_;
  std::uint64_t first_bytes_ = 0;  ///< file offset of the window, a multiple of the unit
  /// File offset up to which the window is filled; equal to first_bytes_: empty.
  std::uint64_t end_bytes_ = 0;
};

}  // namespace npyrace
