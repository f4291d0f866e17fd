#pragma once
// Puts records together to whole alignment units, for writes that move nothing smaller. Every unit
// it touches is the writer's own: nobody else's record, and no header, lies in it.

#include <functional>

#include "bench/strategies/strategy.h"
#include "core/file/buffers.h"

namespace npyrace {

struct UnitStageRequest {
  std::uint64_t unit_bytes = 4096;
  /// The most that goes in one write: a multiple of the unit.
  std::uint64_t most_bytes = 1 << 20;
  /// Around each record lies nothing but padding up to the ends of its units. Otherwise what else
  /// lies in a unit that is not filled is read from the file first.
  bool records_alone = false;
  /// Fills the span, which is whole units, from the file; zeros where the file ends.
  std::function<void(std::span<std::byte>, std::uint64_t offset_bytes)> read;
  /// Whole units in aligned memory, which may go beyond the end of the file.
  std::function<void(std::span<std::byte>, std::uint64_t offset_bytes)> write;
};

class UnitStage {
 public:
  explicit UnitStage(UnitStageRequest request);

  /// Takes a copy; writes what is full, and whatever does not lie before it without a gap.
  void put(std::uint64_t offset_bytes, std::span<const std::byte> data);
  /// Writes everything, with the units at either end made whole.
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
  std::uint64_t first_bytes_ = 0;  ///< where the window begins in the file: a unit does
  std::uint64_t end_bytes_ = 0;    ///< up to here it is filled; first_bytes_: nothing is
};

// O_DIRECT: whole alignment units, past the page cache of the node. Also untorn (RWF_ATOMIC).

class DirectStrategy final : public Strategy {
 public:
  struct Way {
    bool atomic = false;  ///< each unit by one untorn write
  };
  explicit constexpr DirectStrategy(Way way) : way_(way) {}
  /// Units must be one writer's; untorn ones hold whole records, and the file ends with one.
  std::string unfit_for(const ArrayMap& map) const override;
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;

 private:
  Way way_;
};

}  // namespace npyrace
