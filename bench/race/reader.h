#pragma once
// The reader processes of run --readers: the messages between run and reader, the check of every
// record read, and the main loop of the hidden `reader` command.

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

/// Parameters of one reader process.
struct ReaderOrder {
  ArrayRequest array;
  std::uint64_t stamp_seed = 0;
  std::string path;
  std::string read_path;  ///< a row of read_path_table
  std::string view;       ///< "mmap@DIR"
};

/// Each text is a single line. The *_from_text functions throw FormatError.
std::string to_text(const ReaderOrder& order);
ReaderOrder reader_order_from_text(const std::string& text);
std::string to_text(const ReadersResult& seen);
ReadersResult readers_result_from_text(const std::string& text);

// Checks records that are read repeatedly while they are written: a record is torn if it mixes
// generations, and has gone back if an older generation follows a newer one.

/// Stores one byte, the last generation seen, for every watched element.
class RecordWatch {
 public:
  static constexpr std::uint64_t kMostWatched = std::uint64_t{1} << 26;

  /// If the array has more than `most_watched` elements, only every n-th is watched, to bound
  /// memory.
  RecordWatch(const ArrayMap& map, Stamper stamper, std::string view,
              std::uint64_t most_watched = kMostWatched);

  /// Sets the newest generation that a writer may have begun; a record of a later one is wrong.
  void set_newest(unsigned generation) { newest_ = generation; }

  /// Checks whole elements, starting at `first_element`. `bytes` must not change during the call.
  void look(std::uint64_t first_element, std::span<const std::byte> bytes);

  void count_scan() { ++seen_.scans; }

  /// Returns the observations since the last call and resets them.
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
  /// The last complete generation seen per watched element; 0: zeros.
  std::vector<std::uint8_t> last_;
  ReadersResult seen_;
};

// Main loop of the hidden `reader` command.

struct ReaderRequest {
  int socket = -1;
  int parent = 0;  ///< process id of the parent; the reader dies with it
};

/// Reads a ReaderOrder as the first line from the socket. From "go GENERATION" until "pause" it
/// scans the file repeatedly; it answers "pause" with its observations since then. Returns when the
/// parent has closed the socket.
ExitCode read_live(const ReaderRequest& request, const FileOpener& open_file);

}  // namespace npyrace
