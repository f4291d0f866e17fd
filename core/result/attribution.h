#pragma once
// Attribution of damage: derives from the positions of damaged records how large the overwritten
// units are, and which writers may have overwritten them.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/array/array_map.h"
#include "core/result/findings.h"
#include "core/result/result.h"

namespace npyrace {

/// Largest unit size considered: file systems do not cache or lock in larger powers of two that a
/// layout could separate.
inline constexpr unsigned kLargestUnitBits = 20;
inline constexpr std::uint64_t kLargestUnitBytes = std::uint64_t{1} << kLargestUnitBits;

/// Groups of writers that cannot overwrite each other's records: writers that share a page cache if
/// there are several caches; otherwise every writer is its own party.
class Parties {
 public:
  /// `caches[m]` is the page cache of mount m; writer w uses mount w modulo the number of mounts.
  explicit Parties(std::vector<std::uint64_t> caches);
  /// A single party: one writer writes the records of all.
  static Parties one();
  std::uint64_t of(std::uint64_t writer) const;

 private:
  std::vector<std::uint64_t> caches_;
  bool by_cache_ = false;
  bool one_ = false;
};

/// Statistics of the positions of damaged records; those of several scans can be added.
///
/// If units of U bytes are overwritten as a whole, then within one unit the records of a party are
/// mostly all damaged or all intact, and the state changes only where a multiple of U lies between
/// two records. Therefore neighbouring records are counted by the largest power of two that has a
/// multiple between their starts, and so are those neighbours of which exactly one is damaged.
struct DamagePattern {
  /// [k]: a multiple of 2^k lies between, none of 2^(k+1).
  std::array<std::uint64_t, kLargestUnitBits> neighbours{};
  std::array<std::uint64_t, kLargestUnitBits> changes{};
  std::uint64_t damaged = 0;
  /// Smallest unit size at which every explained damaged record shares its unit with an intact
  /// record of another party, whose write may have overwritten it.
  std::uint64_t at_least_bytes = 0;
  /// Damaged records without such a record in any unit up to 1 MiB: no other party overwrote them.
  std::uint64_t unexplained = 0;

  void merge(const DamagePattern& other);
};

/// `damaged`: elements, ascending. Evaluates the first 256 windows of 1 MiB that contain damage.
DamagePattern damage_pattern(const ArrayMap& map, const Parties& parties,
                             std::span<const std::uint64_t> damaged);

/// Upper bound on the size of the damaged units, as far as positions show: an alignment of this
/// size would have separated the damaged records from those of other parties. Adjacent units may
/// have the same state, so the true size can be smaller. 0 if damage does not follow units, or lies
/// in a single one.
std::uint64_t at_most_bytes(const DamagePattern& pattern);

/// The attribution from one cell alone; `separating_bytes` needs other cells.
Attribution attribution(const DamagePattern& pattern);

/// Sets `overwritten_by` of examples with a damaged record: the owners of intact records in the
/// same alignment unit, or page if that is larger.
void name_overwriters(const ArrayMap& map, const Parties& parties, Findings& findings);

}  // namespace npyrace
