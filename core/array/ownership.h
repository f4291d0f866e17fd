#pragma once
// A random-looking order of 0 … size-1 that needs no memory and can be asked both ways.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace npyrace {

/// A keyed bijection on 0 … size-1 (a Feistel network, walked until it is inside the range).
class Permutation {
 public:
  /// Needs size > 0.
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

// Which writer owns which records.

/// `observed` is no choice of the user's: it is what a program did, and is not in the table.
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

/// The ownership in results of a program run with --expect serial: it decides who writes what.
inline constexpr const char* kOfProgram = "program";

/// In observed ownership: records that nobody writes.
inline constexpr std::uint32_t kNobody = ~std::uint32_t{0};

/// Shares records 0 … records-1 among writers 0 … writers-1; every question costs O(1).
class OwnershipMap {
 public:
  struct Request {
    Ownership ownership = Ownership::block;
    std::uint64_t records = 0;
    std::uint64_t writers = 0;  ///< more than 0
    std::uint64_t seed = 0;     ///< for random
    /// For observed: the writer of each record, or kNobody.
    std::shared_ptr<const std::vector<std::uint32_t>> observed = nullptr;
  };

  explicit OwnershipMap(const Request& request);

  std::uint64_t records() const { return request_.records; }
  std::uint64_t writers() const { return request_.writers; }

  /// How many records the writer owns; shares differ by one at most.
  std::uint64_t count(std::uint64_t writer) const;

  /// The writer's record number `position`, which is below count(writer).
  std::uint64_t record(std::uint64_t writer, std::uint64_t position) const;

  /// Nothing where nobody writes the record.
  std::optional<std::uint64_t> writer_of(std::uint64_t record) const;
  /// The inverse of `record`: which of its writer's records it is.
  std::uint64_t position_of(std::uint64_t record) const;

 private:
  std::uint64_t block_first(std::uint64_t writer) const;
  std::uint64_t block_writer(std::uint64_t record) const;

  Request request_;
  std::optional<Permutation> order_;  // only for random: blocks of this order
  // Only for observed: the records of each writer, ascending; and which of them each record is.
  std::vector<std::vector<std::uint64_t>> records_of_;
  std::vector<std::uint64_t> positions_;
};

}  // namespace npyrace
