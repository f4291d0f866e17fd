#pragma once
// What passes between a run and its readers, as lines of text.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/array/array_map.h"
#include "core/array/stamp.h"
#include "core/file/file.h"
#include "core/os/exit_code.h"
#include "core/result/result.h"

namespace npyrace {

/// What one reader must know.
struct ReaderOrder {
  ArrayRequest array;
  std::uint64_t stamp_seed = 0;
  std::string path;
  std::string read_path;  ///< a row of read_path_table
  std::string view;       ///< "mmap@DIR"
};

/// One line each. The ways back throw FormatError.
std::string to_text(const ReaderOrder& order);
ReaderOrder reader_order_from_text(const std::string& text);
std::string to_text(const ReadersResult& seen);
ReadersResult readers_result_from_text(const std::string& text);

// What one reader makes of the records it sees, time after time: which are torn, and which are
// older than what it saw before.

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

// The reader's side of run --readers: what the hidden `reader` command does.

struct ReaderRequest {
  int socket = -1;
  int parent = 0;  ///< process id of who started us
};

/// The first line it is told is a ReaderOrder. Between "go GENERATION" and "pause" it scans the
/// file again and again; to "pause" it answers what it saw since. Ends when the other side is gone.
ExitCode read_live(const ReaderRequest& request, const FileOpener& open_file);

}  // namespace npyrace
