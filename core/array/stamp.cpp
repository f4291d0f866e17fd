#include "core/array/stamp.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include "core/array/lane_content.h"
#include "core/array/lane_packing.h"
#include "core/base/checked.h"

namespace npyrace {
namespace {

using namespace lane_content;
using namespace lane_packing;
using Lane = ValueForm::Lane;

/// Lanes of equal form at constant distance: in memory, and by number in the array.
struct Line {
  Lanes numbers;
  std::uint64_t offset_bytes = 0;
  std::uint64_t step_bytes = 0;
  std::uint64_t count = 0;
};

/// How lanes are stamped.
struct Stamping {
  std::uint64_t key;
  unsigned generation;
  unsigned version;
};

/// Calls `work` with the contents of lanes like `lane`.
template <typename Work>
std::uint64_t with_contents(const Lane& lane, const Lanes& numbers, const Stamping& stamping,
                            Work work) {
  const auto& [key, generation, version] = stamping;
  if (lane.invertible && version == 1) return work(Mixed(numbers, key, generation, lane.bits));
  if (lane.invertible && lane.bits == 64) return work(FixedProducts<64>(numbers, key, generation));
  if (lane.invertible) return work(Products(numbers, key, generation, lane.bits));
  if (lane.bits < 2) return work(Constant(lane.bits));
  if (version == 1) return work(NarrowMixed(numbers, key, generation, lane.bits));
  return work(NarrowProducts(numbers, key, generation, lane.bits));
}

/// Lanes of one word of one kind, back to back, as nearly all data have them: one loop.
template <typename Target>
std::uint64_t apply_to_equal_words(const Lane& lane, const Line& line, const Stamping& stamping,
                                   Target target) {
  std::uint64_t all = 0;
  with_packing(*lane.atoms.front().atom, [&](auto packing) {
    const auto work = [=](std::uint64_t content, std::uint64_t i) {
      return target.word(packing(content), i);
    };
    constexpr unsigned kBits = decltype(packing)::kBits;
    if (stamping.version != 1 && lane.invertible && lane.bits == kBits)
      all = for_lanes(FixedProducts<kBits>(line.numbers, stamping.key, stamping.generation),
                      line.count, work);
    else
      all = with_contents(lane, line.numbers, stamping, [&](const auto& contents) {
        return for_lanes(contents, line.count, work);
      });
  });
  return all;
}

/// Applies `target`, which begins at the first record, to a line of lanes. Returns 0 if no byte
/// differs.
template <typename Target>
std::uint64_t apply(const Lane& lane, const Line& line, const Stamping& stamping, Target target) {
  const Target first = target.at(line.offset_bytes);
  if (lane.uniform && lane.size_bytes() == kLaneBytes && line.step_bytes == kLaneBytes)
    return apply_to_equal_words(lane, line, stamping, first);
  std::uint64_t all = 0;
  for_each_word(lane, [&](const Word& word) {
    const Target there = first.at(word.offset_bytes);
    const Run& run = word.runs.front();
    all |= with_contents(lane, line.numbers, stamping, [&](const auto& contents) {
      return is_packed(*run.atom) ? apply_word(contents, line.count, line.step_bytes, word, there)
                                  : apply_atom(contents, line.count, line.step_bytes, run, there);
    });
  });
  return all;
}

/// Bytes that are stamped or compared lane by lane before the next ones: few enough for a
/// processor's first cache, because records of several kinds of lanes are passed once for each.
constexpr std::uint64_t kTileBytes = 16 << 10;

/// Atoms of 0 to 8 bytes that are all values, and each alone in a lane.
constexpr std::array kRawAtoms = [] {
  std::array<Atom, kLaneBytes + 1> atoms;
  for (std::size_t bytes = 0; bytes < atoms.size(); ++bytes)
    atoms[bytes] = {.size_bytes = static_cast<std::uint8_t>(bytes),
                    .bits = static_cast<std::uint8_t>(8 * bytes)};
  return atoms;
}();
constexpr std::array kRawLanes = [] {
  std::array<ValueForm::Placed, kLaneBytes + 1> lanes{};
  for (std::size_t bytes = 0; bytes < lanes.size(); ++bytes) lanes[bytes].atom = &kRawAtoms[bytes];
  return lanes;
}();

}  // namespace

// The low byte of the input is the generation, which is never 0 and not changed by the key: so the
// input is never 0, and neither is the stamp.
Stamper::Stamper(std::uint64_t seed, std::shared_ptr<const ValueForm> form, unsigned version)
    : seed_(seed),
      key_(mix(seed ^ kGenerationStep) % kLaneLimit),
      form_(std::move(form)),
      version_(version) {}

std::uint64_t Stamper::lane(LaneIdentity identity, unsigned bits) const {
  return with_contents({.bits = bits, .invertible = true}, {identity.lane},
                       {key_, identity.generation, version_},
                       [](const auto& contents) { return contents.of(contents.first); });
}

std::uint64_t Stamper::narrow_lane(LaneIdentity identity, unsigned bits) const {
  return with_contents({.bits = bits}, {identity.lane}, {key_, identity.generation, version_},
                       [](const auto& contents) { return contents.of(contents.first); });
}

LaneIdentity Stamper::decode(std::uint64_t content, unsigned bits) const {
  const std::uint64_t input =
      version_ == 1 ? unmix(content, bits)
                    : (Spreading(bits).inverse_of(content) * kFactorInverse) & low_bits(bits);
  const std::uint64_t lane = version_ == 1 ? (input >> 8) ^ key_ : (input >> 8) - key_;
  return {.lane = lane & low_bits(bits - 8), .generation = static_cast<unsigned>(input & 0xff)};
}

// Version 1: the numbers are changed by the xor of two keys. Numbers n and n + 2^k differ in a
// contiguous group of bits, also after that.
bool Stamper::may_share_origin(const LaneIdentity& a, const LaneIdentity& b, std::uint64_t distance,
                               unsigned bits) const {
  if (a.generation != b.generation) return false;
  const std::uint64_t all = low_bits(bits - 8);
  if (version_ != 1) return ((b.lane - a.lane) & all) == (distance & all);
  const std::uint64_t step = (a.lane ^ b.lane) & all;
  return step != 0 && std::has_single_bit((step >> std::countr_zero(step)) + 1);
}

std::array<ValueForm::Row, 2> Stamper::byte_rows(std::uint64_t record_bytes) {
  const auto row = [](std::uint64_t number, std::uint64_t lane_bytes, std::uint64_t lanes) {
    return ValueForm::Row{.first = {.number = number,
                                    .offset_bytes = number * kLaneBytes,
                                    .bits = kRawAtoms[as_size(lane_bytes)].bits,
                                    .invertible = lane_bytes == kLaneBytes,
                                    .atoms = std::span(kRawLanes).subspan(as_size(lane_bytes), 1)},
                          .count = lanes,
                          .step_bytes = lane_bytes};
  };
  const std::uint64_t whole = record_bytes / kLaneBytes;
  const std::uint64_t short_bytes = record_bytes % kLaneBytes;
  return {row(0, kLaneBytes, whole), row(whole, short_bytes, short_bytes > 0 ? 1 : 0)};
}

std::vector<std::byte> Stamper::values_of(std::span<const std::byte> record) const {
  return form_ ? form_->without_gaps(record) : std::vector<std::byte>(record.begin(), record.end());
}

/// Applies `target` to all lanes of the records until a byte differs, in as few lines as possible:
/// along a record if that has more lanes than there are records, else across the records. Records
/// of one row of lanes that are back to back are one line.
template <typename Target>
bool Stamper::apply_to_all(const RecordRow& records, unsigned generation, Target target) const {
  const std::uint64_t lanes = this->lanes(records.record_bytes);
  const std::uint64_t first_lane = records.first_element * lanes;
  const std::uint64_t lane_step = records.element_step * lanes;
  return for_each_row(records.record_bytes, [&](const ValueForm::Row& row) {
    const Lane& lane = row.first;
    const auto visit = [&](const Line& line) {
      return apply(lane, line, {key_, generation, version_}, target) == 0;
    };
    /// Visits a line `times` times, each time further by these steps.
    const auto repeat = [&](Line line, std::uint64_t times, std::uint64_t lanes_further,
                            std::uint64_t bytes_further) {
      bool going = true;
      for (std::uint64_t i = 0; i < times && going; ++i) {
        going = visit(line);
        line.numbers.first += lanes_further;
        line.offset_bytes += bytes_further;
      }
      return going;
    };
    Line line{.numbers = {first_lane + lane.number},
              .offset_bytes = lane.offset_bytes,
              .step_bytes = row.step_bytes,
              .count = row.count};
    const bool joined = row.count == lanes && row.count * row.step_bytes == records.step_bytes;
    if (joined && records.element_step == 1) {
      line.count *= records.records;
      return visit(line);
    }
    if (row.count >= records.records)
      return repeat(line, records.records, lane_step, records.step_bytes);
    line.numbers.step = lane_step;
    line.step_bytes = records.step_bytes;
    line.count = records.records;
    return repeat(line, row.count, 1, row.step_bytes);
  });
}

namespace {

/// Calls `work(part, offset_bytes)` for parts of the records of about kTileBytes, until it returns
/// false.
template <typename Work>
bool for_each_tile(const RecordRow& row, Work work) {
  const std::uint64_t most =
      std::max<std::uint64_t>(1, kTileBytes / std::max<std::uint64_t>(1, row.step_bytes));
  RecordRow part = row;
  bool going = true;
  for (std::uint64_t done = 0; done < row.records && going; done += part.records) {
    part.first_element = row.first_element + done * row.element_step;
    part.records = std::min(most, row.records - done);
    going = work(part, done * row.step_bytes);
  }
  return going;
}

RecordRow single(std::uint64_t element, std::uint64_t record_bytes) {
  return {element, 1, record_bytes, record_bytes};
}

}  // namespace

void Stamper::fill_all(std::span<std::byte> bytes, const RecordRow& row,
                       unsigned generation) const {
  if (form_ && form_->has_gaps())
    for (std::uint64_t i = 0; i < row.records; ++i)
      std::ranges::fill(bytes.subspan(as_size(i * row.step_bytes), as_size(row.record_bytes)),
                        std::byte{0});
  for_each_tile(row, [&](const RecordRow& part, std::uint64_t offset_bytes) {
    return apply_to_all(part, generation, Storing{bytes.data() + offset_bytes});
  });
}

bool Stamper::match_all(std::span<const std::byte> bytes, const RecordRow& row,
                        unsigned generation) const {
  return for_each_tile(row, [&](const RecordRow& part, std::uint64_t offset_bytes) {
    return apply_to_all(part, generation, Comparing{bytes.data() + offset_bytes});
  });
}

void Stamper::fill(std::span<std::byte> record, std::uint64_t element, unsigned generation) const {
  fill_all(record, single(element, record.size()), generation);
}

bool Stamper::matches(std::span<const std::byte> record, std::uint64_t element,
                      unsigned generation) const {
  return match_all(record, single(element, record.size()), generation);
}

double chance_of_mistake(std::uint64_t stamp_bits) {
  return std::pow(2.0, -static_cast<double>(std::min<std::uint64_t>(stamp_bits, 800)));
}

std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t stream) {
  return mix(mix(seed + kGenerationStep) ^ (stream * kGenerationStep + 1));
}

}  // namespace npyrace
