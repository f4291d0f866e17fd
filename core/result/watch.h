#pragma once
// The result of `npyrace watch`: who wrote which parts of which file, and which parts were shared.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/file/byte_ranges.h"

namespace npyrace {

/// Parts that two processes both wrote, the worst first.
enum class HazardKind {
  same_bytes,   ///< the later write replaces the earlier one
  same_record,  ///< different bytes of one record, in one page
  same_page,    ///< different records in one page of a page cache
  same_unit,    ///< different pages in one unit that the file system locks or stores
};

struct HazardRow {
  HazardKind kind;
  const char* name;
  const char* summary;
};

/// The one table of hazards, in the order of the enumeration.
std::span<const HazardRow> hazard_table();
const char* hazard_name(HazardKind kind);

/// Consequence of a hazard where the processes ran.
enum class HazardLevel {
  loses,     ///< data of one of them are lost here
  may_lose,  ///< data are lost if the file system transfers whole pages; not measured here
  harmless,  ///< nothing can be lost: one page cache, a coherent file system, a lock, or order
};
const char* hazard_level_name(HazardLevel level);

struct Hazard {
  HazardKind kind = HazardKind::same_page;
  ByteRange range;                      ///< of the file
  std::uint64_t first = 0, second = 0;  ///< indices in WatchedFile::writers, first < second
  bool ordered = false;                 ///< one had closed the file before the other opened it
  bool by_chance = false;               ///< ordered, but neither process waited for the other
  bool locked = false;                  ///< both held the same exclusive lock
  bool between_caches = false;  ///< they have different page caches: different nodes or mounts
  HazardLevel level = HazardLevel::may_lose;
  std::string means;
};

/// One process that wrote to a file.
struct WatchedWriter {
  std::int64_t pid = 0;
  std::string node;  ///< host name
  std::string task;  ///< "rank 3"; empty: none
  std::string command;
  std::string path;  ///< as this process saw the file
  std::string file_system;
  std::string cache;                 ///< equal for writers that share a page cache
  std::vector<std::string> opened;   ///< "O_RDWR"
  std::vector<ByteRange> bytes;      ///< written by calls, ascending
  std::vector<ByteRange> pages;      ///< written by stores into mappings, ascending, whole pages
  std::vector<ByteRange> truncated;  ///< removed by truncation or by a new file of that name
  bool exact = true;                 ///< false: `pages` or `bytes` may be too many
  bool synced = false;               ///< fsync or msync was called
  bool killed = false;               ///< it ended without a last look at its mappings
  std::uint64_t threads = 0;         ///< threads that called write functions
  std::uint64_t sessions = 0;        ///< times that it had the file open and wrote
};

struct WatchedFile {
  std::string path;  ///< as the first writer saw it
  /// Output of `inspect --json`; empty: not a valid NPY file, or removed since.
  std::string npy_json;
  std::uint64_t record_bytes = 0;  ///< 0: unknown
  std::uint64_t data_offset_bytes = 0;
  std::uint64_t page_bytes = 4096;
  std::string consistency;  ///< what is known about writers of one page here, and from where
  std::vector<WatchedWriter> writers;
  std::vector<Hazard> hazards;  ///< the worst first
  std::uint64_t hazards_left_out = 0;
  std::string advice;  ///< empty: none is needed

  bool has(HazardLevel level) const;
};

struct WatchResult {
  std::vector<WatchedFile> files;
  /// Descriptions of what the collector could not see.
  std::vector<std::string> unseen;
  std::uint64_t processes = 0;     ///< that left a log
  double clock_error_seconds = 0;  ///< assumed between nodes
  double collector_seconds = 0;    ///< in all processes together, without page faults
  double process_seconds = 0;      ///< from their start to their end, together
  std::string version;             ///< of npyrace

  bool has(HazardLevel level) const;
};

}  // namespace npyrace
