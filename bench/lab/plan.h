#pragma once
// What lab to build: validated once, then handed to the server process as JSON.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "bench/lab/fault.h"
#include "bench/lab/model.h"

namespace npyrace {

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
