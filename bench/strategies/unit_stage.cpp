#include "bench/strategies/unit_stage.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace npyrace {

UnitStage::UnitStage(UnitStageRequest request)
    : request_(std::move(request)),
      window_(memory_.reserve(static_cast<std::size_t>(request_.most_bytes))),
      unit_(unit_memory_.reserve(static_cast<std::size_t>(request_.unit_bytes))) {}

void UnitStage::put(std::uint64_t offset_bytes, std::span<const std::byte> data) {
  while (!data.empty()) {
    if (!continues_at(offset_bytes)) {
      flush();
      open_at(offset_bytes);
    }
    fill_gap_to(offset_bytes);
    const std::uint64_t room = first_bytes_ + window_.size() - offset_bytes;
    const std::size_t part = std::min<std::size_t>(data.size(), static_cast<std::size_t>(room));
    std::memcpy(window_.data() + (offset_bytes - first_bytes_), data.data(), part);
    offset_bytes += part;
    end_bytes_ = offset_bytes;
    data = data.subspan(part);
  }
}

void UnitStage::flush() {
  if (end_bytes_ == first_bytes_) return;
  complete_last_unit();
  const auto size_bytes = static_cast<std::size_t>(end_bytes_ - first_bytes_);
  end_bytes_ = first_bytes_;
  request_.write(window_.first(size_bytes), first_bytes_);
}

/// Whether the window can go on there: right behind what it holds, or with only padding between.
bool UnitStage::continues_at(std::uint64_t offset_bytes) const {
  if (end_bytes_ == first_bytes_ || offset_bytes >= first_bytes_ + window_.size()) return false;
  if (offset_bytes == end_bytes_) return true;
  const std::uint64_t last_unit = (end_bytes_ - 1) / request_.unit_bytes;
  return request_.records_alone && offset_bytes > end_bytes_ &&
         offset_bytes / request_.unit_bytes == last_unit + 1;
}

void UnitStage::open_at(std::uint64_t offset_bytes) {
  first_bytes_ = offset_bytes / request_.unit_bytes * request_.unit_bytes;
  end_bytes_ = first_bytes_;
  if (offset_bytes == first_bytes_ || request_.records_alone) return;
  request_.read(window_.first(unit_.size()), first_bytes_);
  end_bytes_ = offset_bytes;
}

void UnitStage::fill_gap_to(std::uint64_t offset_bytes) {
  const auto gap = window_.subspan(static_cast<std::size_t>(end_bytes_ - first_bytes_),
                                   static_cast<std::size_t>(offset_bytes - end_bytes_));
  std::ranges::fill(gap, std::byte{0});
}

void UnitStage::complete_last_unit() {
  const std::uint64_t filled = end_bytes_ % request_.unit_bytes;
  if (filled == 0) return;
  const std::uint64_t unit_first = end_bytes_ - filled;
  const auto rest = window_.subspan(static_cast<std::size_t>(end_bytes_ - first_bytes_),
                                    static_cast<std::size_t>(request_.unit_bytes - filled));
  if (request_.records_alone) {
    std::ranges::fill(rest, std::byte{0});
  } else {
    request_.read(unit_, unit_first);
    std::memcpy(rest.data(), unit_.data() + filled, rest.size());
  }
  end_bytes_ += rest.size();
}

}  // namespace npyrace
