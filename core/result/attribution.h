#pragma once
// What damage tells of its cause: who shares a unit of the file with a damaged record, and how
// large the units are in which records were overwritten.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/array/array_map.h"
#include "core/result/findings.h"
#include "core/result/result.h"

namespace npyrace {

/// Units are looked for up to this size: no file system here caches or locks in larger powers of
/// two that a layout could keep apart.
inline constexpr unsigned kLargestUnitBits = 20;
inline constexpr std::uint64_t kLargestUnitBytes = std::uint64_t{1} << kLargestUnitBits;

/// Records of one party never overwrite each other: writers that share a page cache are one party
/// where there are several caches, else every writer is one.
class Parties {
 public:
  /// `caches[m]` names the page cache behind mount m; writer w writes through mount w modulo
  /// mounts.
  explicit Parties(std::vector<std::uint64_t> caches);
  /// Where one writer writes the records of all, nobody overwrites another's.
  static Parties one();
  std::uint64_t of(std::uint64_t writer) const;

 private:
  std::vector<std::uint64_t> caches_;
  bool by_cache_ = false;
  bool one_ = false;
};

/// What the places of damaged records have in common. Patterns of several scans add up.
///
/// Units of U bytes that are overwritten whole leave one mark: of the records of one party, the
/// next is as good or as bad as the one before, but for where a multiple of U lies between them.
/// So neighbours are counted by the largest power of two with a multiple between their starts, and
/// among them those of which one is damaged and the other is not.
struct DamagePattern {
  std::array<std::uint64_t, kLargestUnitBits> neighbours{};  ///< [k]: a multiple of 2^k, no larger
  std::array<std::uint64_t, kLargestUnitBits> changes{};
  std::uint64_t damaged = 0;
  /// The smallest unit in which every damaged record that is explained lies with another party's
  /// whole one, which may have come with what overwrote it.
  std::uint64_t at_least_bytes = 0;
  /// Damaged records that lie in no unit up to 1 MiB with such a one: nobody overwrote them.
  std::uint64_t unexplained = 0;

  void merge(const DamagePattern& other);
};

/// `damaged`: elements, ascending. Looks at the first 256 windows of 1 MiB with damage.
DamagePattern damage_pattern(const ArrayMap& map, const Parties& parties,
                             std::span<const std::uint64_t> damaged);

/// The size of the units in which damage comes, as far as its places show: an alignment so large
/// would have separated the damaged records from other parties'. An upper bound, because a file
/// system may treat several units alike; 0 where damage does not come in units, or all of it is in
/// one.
std::uint64_t at_most_bytes(const DamagePattern& pattern);

/// What one cell alone can tell; `separating_bytes` takes an experiment.
Attribution attribution(const DamagePattern& pattern);

/// Fills in `overwritten_by` of the examples whose record is damaged: who has a record that is
/// whole in an alignment unit, or page where that is larger, in which this one is damaged.
void name_overwriters(const ArrayMap& map, const Parties& parties, Findings& findings);

}  // namespace npyrace
