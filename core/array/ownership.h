#pragma once
// Ownership: which writer owns which records, and the invertible pseudo-random permutation behind
// random ownership.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace npyrace {

/// A keyed bijection on 0 … size-1: a Feistel network with cycle walking. Needs no memory.
class Permutation {
 public:
  /// Requires size > 0.
  Permutation(std::uint64_t size, std::uint64_t seed);

  std::uint64_t forward(std::uint64_t index) const;
  std::uint64_t backward(std::uint64_t index) const;

 private:
  std::uint64_t encrypt(std::uint64_t value) const;
  std::uint64_t decrypt(std::uint64_t value) const;

  std::uint64_t size_;
  std::uint64_t seed_;
  unsigned half_bits_;  // the network permutes 2 * half_bits_ bits
};

// Assignment of records to writers.

/// `observed` is derived from what a program wrote; users cannot choose it, so it is not in the
/// table.
enum class Ownership { block, cyclic, random, observed };

struct OwnershipRow {
  Ownership ownership;
  const char* name;
  const char* summary;
};

/// The one table of ownerships.
std::span<const OwnershipRow> ownership_table();
const char* ownership_name(Ownership ownership);
/// Throws UsageError with a suggestion.
Ownership find_ownership(std::string_view name);

/// Name of observed ownership in results (--expect serial).
inline constexpr const char* kOfProgram = "program";

/// Observed ownership: marks records that no writer wrote.
inline constexpr std::uint32_t kNobody = ~std::uint32_t{0};

/// Assigns records 0 … records-1 to writers 0 … writers-1; every query takes O(1).
class OwnershipMap {
 public:
  struct Request {
    Ownership ownership = Ownership::block;
    std::uint64_t records = 0;
    std::uint64_t writers = 0;  ///< at least 1
    std::uint64_t seed = 0;     ///< for random ownership
    /// Observed ownership: the writer of each record, or kNobody.
    std::shared_ptr<const std::vector<std::uint32_t>> observed = nullptr;
  };

  explicit OwnershipMap(const Request& request);

  std::uint64_t records() const { return request_.records; }
  std::uint64_t writers() const { return request_.writers; }

  /// Number of records of the writer; except for observed ownership, shares differ by at most one.
  std::uint64_t count(std::uint64_t writer) const;

  /// The writer's record number `position`; requires position < count(writer).
  std::uint64_t record(std::uint64_t writer, std::uint64_t position) const;

  /// The owner; nothing if nobody writes the record.
  std::optional<std::uint64_t> writer_of(std::uint64_t record) const;
  /// End of the records from `record` on that certainly have the same owner: of its block, or the
  /// next record.
  std::uint64_t owner_end(std::uint64_t record) const;
  /// The inverse of `record`: the number of the record among its writer's records.
  std::uint64_t position_of(std::uint64_t record) const;

 private:
  std::uint64_t block_first(std::uint64_t writer) const;
  std::uint64_t block_writer(std::uint64_t record) const;

  Request request_;
  std::optional<Permutation> order_;  // random ownership only: writers own blocks of this order
  // Observed ownership only: the records of each writer, ascending, and the position of each record
  // in that list.
  std::vector<std::vector<std::uint64_t>> records_of_;
  std::vector<std::uint64_t> positions_;
};

}  // namespace npyrace
