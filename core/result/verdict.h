#pragma once
// Verdicts of cells and experiments, and the classes of anomalies.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace npyrace {

enum class Verdict { safe, unsafe, inconclusive, failed, skipped };
const char* verdict_name(Verdict verdict);

// Classes of anomalies, decided from content alone.

enum class Anomaly {
  lost,       ///< older generation of the same record
  torn,       ///< lanes of different stamps within one record
  stale,      ///< correct in the store, old through another read path or mount
  misplaced,  ///< stamp of another record
  hole,       ///< zeros although a stamp was acknowledged
  corrupt,    ///< decodes to no valid stamp
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

/// Count per class.
class AnomalyCounts {
 public:
  std::uint64_t& operator[](Anomaly anomaly) { return counts_[static_cast<std::size_t>(anomaly)]; }
  std::uint64_t operator[](Anomaly anomaly) const {
    return counts_[static_cast<std::size_t>(anomaly)];
  }

  /// All except stale: the anomalies that make a verdict unsafe.
  std::uint64_t damaging() const;

  AnomalyCounts& operator+=(const AnomalyCounts& other);

 private:
  std::array<std::uint64_t, kAnomalyClasses> counts_{};
};

}  // namespace npyrace
