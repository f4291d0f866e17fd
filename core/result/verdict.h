#pragma once
// The word that a cell or an experiment comes to.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace npyrace {

enum class Verdict { safe, unsafe, inconclusive, failed, skipped };
const char* verdict_name(Verdict verdict);

// The classes of damage a record can show, decided from content alone.

enum class Anomaly {
  lost,       ///< own record, older generation
  torn,       ///< lanes of different stamps within one record
  stale,      ///< right in the store, old through another read path or mount
  misplaced,  ///< another record's stamp
  hole,       ///< zeros where a stamp was acknowledged
  corrupt,    ///< decodes to nothing
  foreign,    ///< stamp of another array
  header,     ///< header bytes changed
  padding,    ///< bytes outside all records changed
};

inline constexpr std::size_t kAnomalyClasses = 9;

struct AnomalyRow {
  Anomaly anomaly;
  const char* name;
  const char* summary;
};

/// The one table of anomaly classes, in the order of the enumeration.
std::span<const AnomalyRow> anomaly_table();
const char* anomaly_name(Anomaly anomaly);

/// How many of each class.
class AnomalyCounts {
 public:
  std::uint64_t& operator[](Anomaly anomaly) { return counts_[static_cast<std::size_t>(anomaly)]; }
  std::uint64_t operator[](Anomaly anomaly) const {
    return counts_[static_cast<std::size_t>(anomaly)];
  }

  /// All but stale: what makes a verdict unsafe.
  std::uint64_t damaging() const;

  AnomalyCounts& operator+=(const AnomalyCounts& other);

 private:
  std::array<std::uint64_t, kAnomalyClasses> counts_{};
};

}  // namespace npyrace
