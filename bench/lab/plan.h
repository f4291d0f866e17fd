#pragma once
// The plan of a lab and its consistency models. The table of models drives the server, help, `list`
// and spelling suggestions; docs/lab.md describes by experiments what each model keeps and breaks.

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bench/lab/fault.h"

namespace npyrace {

/// When bytes written by a node reach the store and thereby the other nodes.
enum class Publication {
  at_write,          ///< when the kernel passes the write to the server
  at_sync_or_close,  ///< at fsync, msync or close
  later,             ///< some time after the write, independent of the writer's calls
};

/// When nodes with older cached pages see a publication.
enum class Refresh {
  at_publication,          ///< immediately: their cached pages are invalidated
  at_open,                 ///< at the next open of the file
  at_open_unless_writing,  ///< at the next open, unless the node holds the file open for writing
};

struct LabModel {
  const char* name;
  const char* summary;
  Publication publication;
  Refresh refresh;
  bool one_mount = false;          ///< all nodes share one mount and one page cache
  bool kernel_write_back = false;  ///< the kernel's page cache writes back whole pages
  bool extends_to_pages = false;   ///< a write into a known page is published as the whole page
  /// Stores to a mapping whose descriptor is closed are published at munmap.
  bool last_unmapping_publishes = true;
  /// Delay from the first unpublished write to its publication, independent of the writer's calls;
  /// 0: no automatic publication.
  std::chrono::milliseconds publication_delay{0};
  /// Delay from a publication until nodes that only read drop their cached pages; 0: never.
  std::chrono::milliseconds refresh_delay{0};
};

std::span<const LabModel> lab_models();

std::vector<std::string> lab_model_names();

/// Throws UsageError with the nearest model name.
const LabModel& lab_model(const std::string& name);

// Parameters of a lab: validated, then sent to the server process as JSON.

struct LabPlan {
  const LabModel* model = nullptr;  ///< a row of lab_models()
  unsigned nodes = 2;
  std::string latency = {};     ///< in the syntax of lab::Latency
  unsigned server_threads = 0;  ///< number of concurrent operations; 0: no limit
  bool local_locks = false;     ///< each node grants locks independently, as NFS with nolock
  std::vector<lab::FaultSpec> faults = {};
  std::uint64_t seed = 1;
  std::string log_path = {};  ///< log of faults that struck, as JSON lines; empty: none
};

/// Throws UsageError if members contradict each other or are out of range.
void check(const LabPlan& plan);

/// The line that the server process receives.
struct LabOrder {
  LabPlan plan;
  std::string folder;  ///< made by the lab, removed by the server
};

/// A single line. Throws FormatError for paths that are not UTF-8.
std::string to_text(const LabOrder& order);
/// Throws FormatError, and UsageError as `check` does.
LabOrder lab_order_from_text(const std::string& text);

}  // namespace npyrace
