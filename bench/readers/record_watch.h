#pragma once
// What one reader makes of the records it sees, time after time: which are torn, and which are
// older than what it saw before.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/array_map.h"
#include "core/result.h"
#include "core/stamp.h"

namespace npyrace {

/// Remembers one byte for every element it looks at.
class RecordWatch {
 public:
  static constexpr std::uint64_t kMostWatched = std::uint64_t{1} << 26;

  /// Of an array of more than `most_watched` elements every so manieth is looked at.
  RecordWatch(const ArrayMap& map, Stamper stamper, std::string view,
              std::uint64_t most_watched = kMostWatched);

  /// The newest generation that somebody may have begun to write: beyond it nothing is right.
  void set_newest(unsigned generation) { newest_ = generation; }

  /// Looks at whole elements from `first_element` on. `bytes` must not change meanwhile.
  void look(std::uint64_t first_element, std::span<const std::byte> bytes);

  void count_scan() { ++seen_.scans; }

  /// What was seen since it was last taken.
  ReadersResult take();

 private:
  bool all_unchanged(std::uint64_t first_element, std::span<const std::byte> bytes) const;
  void look_at_record(std::uint64_t element, std::span<const std::byte> record);
  int whole_generation(std::uint64_t element, std::span<const std::byte> record) const;
  void note_broken(std::uint64_t element, std::span<const std::byte> record);
  Sighting sighting(const char* kind, std::uint64_t element, std::string found) const;

  const ArrayMap& map_;
  Stamper stamper_;
  std::string view_;
  std::uint64_t step_;
  unsigned newest_ = 1;
  std::vector<std::uint8_t> last_;  ///< the generation last seen whole, 0 for zeros
  ReadersResult seen_;
};

}  // namespace npyrace
