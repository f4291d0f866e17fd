#include "bench/lab/plan.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/lab/latency.h"
#include "core/base/error.h"
#include "core/base/table.h"

namespace npyrace {
namespace {

using std::chrono::milliseconds;

constexpr LabModel kModels[] = {
    {.name = "strong",
     .summary = "a write is seen by every node when it returns (all nodes share one page cache)",
     .publication = Publication::at_write,
     .refresh = Refresh::at_open,
     .one_mount = true},
    {.name = "commit",
     .summary = "a write is seen by every node after fsync or msync",
     .publication = Publication::at_sync_or_close,
     .refresh = Refresh::at_publication},
    {.name = "session",
     .summary = "a write is seen after close or fsync by processes that open the file afterwards",
     .publication = Publication::at_sync_or_close,
     .refresh = Refresh::at_open},
    {.name = "eventual",
     .summary = "a write is seen a second later, no matter which calls the writer makes",
     .publication = Publication::later,
     .refresh = Refresh::at_publication,
     .publication_delay = milliseconds(1000)},
    {.name = "nfs",
     .summary = "session, as in Linux's NFS client: cached pages are written back whole",
     .publication = Publication::at_sync_or_close,
     .refresh = Refresh::at_open_unless_writing,
     .extends_to_pages = true,
     .last_unmapping_publishes = false,
     .publication_delay = milliseconds(5000),
     .refresh_delay = milliseconds(4000)},
    {.name = "pages",
     .summary = "session, but only whole pages are written back (the kernel's write-back cache)",
     .publication = Publication::at_write,
     .refresh = Refresh::at_open,
     .kernel_write_back = true},
};

}  // namespace

std::span<const LabModel> lab_models() {
  return kModels;
}

std::vector<std::string> lab_model_names() {
  std::vector<std::string> names;
  for (const LabModel& model : kModels) names.emplace_back(model.name);
  return names;
}

const LabModel& lab_model(const std::string& name) {
  for (const LabModel& model : kModels)
    if (name == model.name) return model;
  throw UsageError(unknown_name_message("model", name, lab_model_names()));
}

namespace {

constexpr unsigned kMostNodes = 64;

lab::Latency latency_of(const LabPlan& plan) {
  try {
    return {plan.latency, plan.nodes};
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("--latency {}: {}", plan.latency, error.what()));
  }
}

}  // namespace

void check(const LabPlan& plan) {
  if (plan.nodes < 1 || plan.nodes > kMostNodes)
    throw UsageError(
        fmt::format("--nodes: a lab has 1 to {} nodes, not {}", kMostNodes, plan.nodes));
  bool names_nodes = latency_of(plan).names_nodes();
  for (const lab::FaultSpec& fault : plan.faults) {
    if (fault.node != 0) lab::parse_node(std::to_string(fault.node), plan.nodes);
    names_nodes = names_nodes || fault.node != 0;
  }
  if (plan.model->one_mount && names_nodes)
    throw UsageError(fmt::format(
        "model {} is one mount that all nodes share: faults and latencies cannot name a node",
        plan.model->name));
}

nlohmann::json plan_json(const LabPlan& plan) {
  nlohmann::json faults = nlohmann::json::array();
  for (const lab::FaultSpec& fault : plan.faults) faults.push_back(lab::fault_json(fault));
  return {{"model", plan.model->name},
          {"nodes", plan.nodes},
          {"latency", plan.latency},
          {"server_threads", plan.server_threads},
          {"local_locks", plan.local_locks},
          {"faults", faults},
          {"seed", plan.seed},
          {"log_path", plan.log_path}};
}

LabPlan parse_plan(const nlohmann::json& json) {
  LabPlan plan{.model = &lab_model(json.at("model").get<std::string>()),
               .nodes = json.at("nodes").get<unsigned>(),
               .latency = json.at("latency").get<std::string>(),
               .server_threads = json.at("server_threads").get<unsigned>(),
               .local_locks = json.at("local_locks").get<bool>(),
               .seed = json.at("seed").get<std::uint64_t>(),
               .log_path = json.at("log_path").get<std::string>()};
  for (const auto& fault : json.at("faults")) plan.faults.push_back(lab::fault_from_json(fault));
  return plan;
}

}  // namespace npyrace
