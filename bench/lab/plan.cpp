#include "bench/lab/plan.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/lab/latency.h"
#include "core/error.h"

namespace npyrace {
namespace {

constexpr unsigned kMostNodes = 64;

}  // namespace

void check(const LabPlan& plan) {
  if (plan.nodes < 1 || plan.nodes > kMostNodes)
    throw UsageError(fmt::format("a lab has 1 to {} nodes, not {}", kMostNodes, plan.nodes));
  bool names_nodes = lab::Latency(plan.latency, plan.nodes).names_nodes();
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
