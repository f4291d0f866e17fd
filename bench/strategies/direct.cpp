#include "bench/strategies/direct.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "bench/strategies/ways.h"
#include "core/os/stopwatch.h"

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

/// True if data at this offset can be added to the window: it follows directly, or after padding
/// only.
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

namespace {

/// Maximum size of one write.
constexpr std::uint64_t kMostBytes = 1 << 20;

class DirectShare final : public WriteSession {
 public:
  DirectShare(const WriterSlice& share, DirectWay way, PhaseSeconds& phases)
      : share_(share), record_bytes_(static_cast<std::size_t>(share.record_bytes)), way_(way) {
    Stopwatch watch;
    file_ = share.open_file(share.path, {.access = Access::read_write, .direct = true});
    require_alignment();
    const std::uint64_t unit = share.unit_bytes;
    stage_.emplace(UnitStageRequest{
        .unit_bytes = unit,
        .most_bytes = way.atomic ? unit : std::max(unit, kMostBytes / unit * unit),
        .records_alone = share.element_bytes > share.record_bytes,
        .read = [this](std::span<std::byte> units, std::uint64_t at) { read(units, at); },
        .write = [this](std::span<std::byte> units, std::uint64_t at) { write_units(units, at); }});
    phases.open += watch.lap_seconds();
  }

  void write(const StridedRun& run, const std::byte* source) override {
    if (run.step_bytes == record_bytes_)
      return stage_->put(run.first_offset_bytes,
                         {source, static_cast<std::size_t>(run.records) * record_bytes_});
    for (std::uint64_t i = 0; i < run.records; ++i)
      stage_->put(run.first_offset_bytes + i * run.step_bytes,
                  {source + i * record_bytes_, record_bytes_});
  }

  bool first_record_alone() const override { return false; }

  void sync() override {
    stage_->flush();
    file_->sync();
  }

  void close() override {
    stage_->flush();
    if (tail_) tail_->close();
    file_->close();
  }

 private:
  void require_alignment() const {
    const DirectLimits limits = file_->direct_limits();
    const std::uint64_t unit = share_.unit_bytes;
    if (limits.offset_bytes > 0 && unit % limits.offset_bytes != 0)
      throw Refusal(
          fmt::format("O_DIRECT moves whole blocks of {} bytes here, and a unit has {}: "
                      "choose a larger --align",
                      limits.offset_bytes, unit));
    if (!way_.atomic) return;
    if (limits.most_atomic_bytes == 0)
      throw Refusal(
          "the kernel and file system grant no untorn writes here (RWF_ATOMIC; statx names no size)");
    if (unit < limits.least_atomic_bytes || unit > limits.most_atomic_bytes)
      throw Refusal(
          fmt::format("untorn writes have {} to {} bytes here, and a unit has {}: choose "
                      "another --align",
                      limits.least_atomic_bytes, limits.most_atomic_bytes, unit));
  }

  void read(std::span<std::byte> units, std::uint64_t at) {
    const std::size_t got = file_->read_at(units, at);
    std::ranges::fill(units.subspan(got), std::byte{0});
  }

  /// The required alignment may be larger than the system reports, or not reported at all.
  void write_units(std::span<std::byte> units, std::uint64_t at) {
    try {
      if (way_.atomic) return file_->write_at_atomically(units, at);
      write_in_file(units, at);
    } catch (const SystemError& error) {
      if (error.error_number() == EINVAL) throw Refusal(error.what());
      throw;
    }
  }

  /// A unit cut by the end of the file cannot be written with O_DIRECT. It goes through a
  /// synchronous handle, so that no dirty page with other writers' data remains.
  void write_in_file(std::span<const std::byte> units, std::uint64_t at) {
    const std::uint64_t end = std::min(at + units.size(), share_.file_bytes);
    const auto cut = static_cast<std::size_t>(end % share_.unit_bytes);
    const auto whole = static_cast<std::size_t>(end - at) - cut;
    if (whole > 0) file_->write_at(units.first(whole), at);
    if (cut == 0) return;
    if (!tail_) tail_ = share_.open_file(share_.path, {.access = Access::write, .data_sync = true});
    tail_->write_at(units.subspan(whole, cut), at + whole);
  }

  WriterSlice share_;
  std::size_t record_bytes_;
  DirectWay way_;
  std::unique_ptr<File> file_;
  std::unique_ptr<File> tail_;
  std::optional<UnitStage> stage_;
};

/// True if a record spans two units, so that no single write covers it.
bool straddles(const ArrayMap& map) {
  const std::uint64_t unit = map.request().align_bytes;
  for (std::uint64_t element = 0; element < map.elements(); ++element) {
    const std::uint64_t at = map.record_offset_bytes(element);
    if (map.is_record(element) && at / unit != (at + map.record_bytes() - 1) / unit) return true;
  }
  return false;
}

bool header_shares_a_unit(const ArrayMap& map) {
  const std::uint64_t unit = map.request().align_bytes;
  for (std::uint64_t element = 0; element < map.elements(); ++element)
    if (map.is_record(element))
      return map.record_offset_bytes(element) / unit * unit < map.data_offset_bytes();
  return false;
}

}  // namespace

std::string unfit_for_direct(const ArrayMap& map) {
  const std::uint64_t unit = map.request().align_bytes;
  constexpr std::array<std::uint64_t, 1> kOneCache{0};
  if (header_shares_a_unit(map) || count_shared_units(map, kOneCache).by_writers > 0)
    return fmt::format(
        "units of {} bytes are shared, and O_DIRECT would also write the other writers' "
        "records in them: choose a padded layout",
        unit);
  return "";
}

std::string unfit_for_atomic(const ArrayMap& map) {
  if (std::string unfit = unfit_for_direct(map); !unfit.empty()) return unfit;
  const std::uint64_t unit = map.request().align_bytes;
  if (straddles(map))
    return fmt::format(
        "a record lies in two units of {} bytes, and only one unit is untorn: choose "
        "padded-record, or a larger --align",
        unit);
  if (map.file_bytes() % unit != 0)
    return fmt::format(
        "the file's end cuts its last unit of {} bytes, which cannot be written "
        "whole: choose padded-record with --align up to 8192, or other --records",
        unit);
  return "";
}

std::unique_ptr<WriteSession> open_direct(const WriterSlice& share, PhaseSeconds& phases,
                                          DirectWay way) {
  return std::make_unique<DirectShare>(share, way, phases);
}

}  // namespace npyrace
