#include "core/array/ownership.h"

#include <algorithm>
#include <bit>

#include "core/array/stamp.h"
#include "core/base/checked.h"
#include "core/base/table.h"

namespace npyrace {
namespace {

constexpr unsigned kRounds = 4;

}  // namespace

Permutation::Permutation(std::uint64_t size, std::uint64_t seed)
    : size_(size),
      seed_(seed),
      half_bits_(std::max(1u, (static_cast<unsigned>(std::bit_width(size - 1)) + 1) / 2)) {}

std::uint64_t Permutation::forward(std::uint64_t index) const {
  do index = encrypt(index);
  while (index >= size_);
  return index;
}

std::uint64_t Permutation::backward(std::uint64_t index) const {
  do index = decrypt(index);
  while (index >= size_);
  return index;
}

std::uint64_t Permutation::encrypt(std::uint64_t value) const {
  const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
  std::uint64_t left = value >> half_bits_;
  std::uint64_t right = value & mask;
  for (unsigned round = 0; round < kRounds; ++round) {
    const std::uint64_t next = left ^ (derive_seed(seed_ + round, right) & mask);
    left = right;
    right = next;
  }
  return (left << half_bits_) | right;
}

std::uint64_t Permutation::decrypt(std::uint64_t value) const {
  const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
  std::uint64_t left = value >> half_bits_;
  std::uint64_t right = value & mask;
  for (unsigned round = kRounds; round-- > 0;) {
    const std::uint64_t previous = right ^ (derive_seed(seed_ + round, left) & mask);
    right = left;
    left = previous;
  }
  return (left << half_bits_) | right;
}

namespace {

constexpr OwnershipRow kOwnerships[] = {
    {Ownership::block, "block", "each writer owns one contiguous range of records"},
    {Ownership::cyclic, "cyclic",
     "record i belongs to writer i modulo writers: every page is shared"},
    {Ownership::random, "random", "each record belongs to a random writer, drawn from the seed"},
};

}  // namespace

std::span<const OwnershipRow> ownership_table() {
  return kOwnerships;
}

const char* ownership_name(Ownership ownership) {
  if (ownership == Ownership::observed) return "observed";
  return kOwnerships[static_cast<std::size_t>(ownership)].name;
}

Ownership find_ownership(std::string_view name) {
  return find_row("ownership", name, ownership_table()).ownership;
}

OwnershipMap::OwnershipMap(const Request& request) : request_(request) {
  if (request.ownership == Ownership::random && request.records > 0)
    order_.emplace(request.records, request.seed);
  if (request.ownership != Ownership::observed) return;
  records_of_.resize(as_size(request.writers));
  for (std::uint64_t record = 0; record < request.records; ++record) {
    const std::uint32_t writer = (*request.observed)[as_size(record)];
    positions_.push_back(writer == kNobody ? 0 : records_of_[writer].size());
    if (writer != kNobody) records_of_[writer].push_back(record);
  }
}

std::uint64_t OwnershipMap::count(std::uint64_t writer) const {
  if (request_.ownership == Ownership::observed) return records_of_[as_size(writer)].size();
  return request_.records / request_.writers + (writer < request_.records % request_.writers);
}

std::uint64_t OwnershipMap::record(std::uint64_t writer, std::uint64_t position) const {
  switch (request_.ownership) {
    case Ownership::cyclic:
      return position * request_.writers + writer;
    case Ownership::random:
      return order_->forward(block_first(writer) + position);
    case Ownership::observed:
      return records_of_[as_size(writer)][as_size(position)];
    case Ownership::block:
      break;
  }
  return block_first(writer) + position;
}

std::optional<std::uint64_t> OwnershipMap::writer_of(std::uint64_t record) const {
  switch (request_.ownership) {
    case Ownership::cyclic:
      return record % request_.writers;
    case Ownership::random:
      return block_writer(order_->backward(record));
    case Ownership::observed: {
      const std::uint32_t writer = (*request_.observed)[as_size(record)];
      return writer == kNobody ? std::nullopt : std::optional<std::uint64_t>(writer);
    }
    case Ownership::block:
      break;
  }
  return block_writer(record);
}

std::uint64_t OwnershipMap::owner_end(std::uint64_t record) const {
  return request_.ownership == Ownership::block ? block_first(block_writer(record) + 1)
                                                : record + 1;
}

std::uint64_t OwnershipMap::position_of(std::uint64_t record) const {
  if (request_.ownership == Ownership::cyclic) return record / request_.writers;
  if (request_.ownership == Ownership::observed) return positions_[as_size(record)];
  const std::uint64_t place =
      request_.ownership == Ownership::random ? order_->backward(record) : record;
  return place - block_first(block_writer(place));
}

std::uint64_t OwnershipMap::block_first(std::uint64_t writer) const {
  const std::uint64_t larger_shares = request_.records % request_.writers;
  return writer * (request_.records / request_.writers) + std::min(writer, larger_shares);
}

std::uint64_t OwnershipMap::block_writer(std::uint64_t record) const {
  const std::uint64_t share = request_.records / request_.writers;
  const std::uint64_t larger_shares = request_.records % request_.writers;
  const std::uint64_t in_larger = larger_shares * (share + 1);
  if (record < in_larger) return record / (share + 1);
  return larger_shares + (record - in_larger) / share;
}

}  // namespace npyrace
