#include "core/ownership.h"

#include <algorithm>

#include "core/table.h"

namespace npyrace {
namespace {

constexpr OwnershipRow kOwnerships[] = {
    {Ownership::block, "block", "each writer owns one contiguous range of records"},
    {Ownership::cyclic, "cyclic",
     "record i belongs to writer i modulo writers: every page is shared"},
    {Ownership::random, "random", "records are dealt out at random, from the seed"},
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
  records_of_.resize(static_cast<std::size_t>(request.writers));
  for (std::uint64_t record = 0; record < request.records; ++record) {
    const std::uint32_t writer = (*request.observed)[static_cast<std::size_t>(record)];
    positions_.push_back(writer == kNobody ? 0 : records_of_[writer].size());
    if (writer != kNobody) records_of_[writer].push_back(record);
  }
}

std::uint64_t OwnershipMap::count(std::uint64_t writer) const {
  if (request_.ownership == Ownership::observed)
    return records_of_[static_cast<std::size_t>(writer)].size();
  return request_.records / request_.writers + (writer < request_.records % request_.writers);
}

std::uint64_t OwnershipMap::record(std::uint64_t writer, std::uint64_t position) const {
  switch (request_.ownership) {
    case Ownership::cyclic:
      return position * request_.writers + writer;
    case Ownership::random:
      return order_->forward(block_first(writer) + position);
    case Ownership::observed:
      return records_of_[static_cast<std::size_t>(writer)][static_cast<std::size_t>(position)];
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
      const std::uint32_t writer = (*request_.observed)[static_cast<std::size_t>(record)];
      return writer == kNobody ? std::nullopt : std::optional<std::uint64_t>(writer);
    }
    case Ownership::block:
      break;
  }
  return block_writer(record);
}

std::uint64_t OwnershipMap::position_of(std::uint64_t record) const {
  if (request_.ownership == Ownership::cyclic) return record / request_.writers;
  if (request_.ownership == Ownership::observed)
    return positions_[static_cast<std::size_t>(record)];
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
