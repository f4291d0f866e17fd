#pragma once
// The consistency models a lab can have: one row each drives the server, help, `list` and spelling
// suggestions. docs/lab.md says in experiments what each keeps and breaks.

#include <chrono>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "bench/lab/fault.h"

namespace npyrace {

/// When bytes that a node wrote reach the store, and with it the other nodes.
enum class Publication {
  at_write,          ///< as soon as the kernel hands them over
  at_sync_or_close,  ///< at fsync, msync or close
  later,             ///< some time after the write, whatever the writer calls
};

/// Who of the nodes that cached older pages learns of a publication, and when.
enum class Refresh {
  at_publication,          ///< everybody: their cached pages are taken away
  at_open,                 ///< who opens the file afterwards
  at_open_unless_writing,  ///< the same, but not a node that holds the file open for writing
};

struct LabModel {
  const char* name;
  const char* summary;
  Publication publication;
  Refresh refresh;
  bool one_mount = false;          ///< all nodes are one mount with one page cache
  bool kernel_write_back = false;  ///< the kernel collects writes in whole pages
  bool extends_to_pages = false;   ///< a write into a page the node knows travels as the whole page
  /// Stores into a mapping whose descriptor is closed are published when the mapping goes.
  bool last_unmapping_publishes = true;
  /// How long after the first write that is not published yet it is, whatever the writer calls; 0:
  /// never by itself.
  std::chrono::milliseconds publication_delay{0};
  /// How long after a publication nodes that only read drop their cached pages; 0: never.
  std::chrono::milliseconds refresh_delay{0};
};

std::span<const LabModel> lab_models();

std::vector<std::string> lab_model_names();

/// Throws UsageError that names the nearest model.
const LabModel& lab_model(const std::string& name);

// What lab to build: validated once, then handed to the server process as JSON.

struct LabPlan {
  const LabModel* model = nullptr;  ///< a row of lab_models()
  unsigned nodes = 2;
  std::string latency = {};     ///< as lab::Latency takes it
  unsigned server_threads = 0;  ///< operations served at a time; 0: no limit
  bool local_locks = false;     ///< each node grants locks by itself, as NFS does with nolock
  std::vector<lab::FaultSpec> faults = {};
  std::uint64_t seed = 1;
  std::string log_path = {};  ///< JSON lines of faults that struck; empty: none
};

/// Throws UsageError where parts do not fit together or are out of bounds.
void check(const LabPlan& plan);

nlohmann::json plan_json(const LabPlan& plan);
LabPlan parse_plan(const nlohmann::json& json);

}  // namespace npyrace
