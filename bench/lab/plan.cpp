#include "bench/lab/plan.h"

#include <fmt/format.h>

#include "bench/lab/latency.h"
#include "core/base/error.h"
#include "core/base/table.h"
#include "reports/json/json_fields.h"

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
  return naming("--latency " + plan.latency,
                [&] { return lab::Latency(plan.latency, plan.nodes); });
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

static void describe(JsonFields& json, const LabModel*& model) {
  json.text(model == nullptr ? "" : model->name,
            [&](const std::string& name) { model = &lab_model(name); });
}

static void describe(JsonFields& json, LabOrder& order) {
  LabPlan& plan = order.plan;
  json("model", plan.model);
  json("nodes", plan.nodes);
  json("latency", plan.latency);
  json("server_threads", plan.server_threads);
  json("local_locks", plan.local_locks);
  json("faults", plan.faults);
  json("seed", plan.seed);
  json("log_path", plan.log_path);
  json("folder", order.folder);
}

std::string to_text(const LabOrder& order) {
  return json_line(order, NotUtf8::refused);
}

LabOrder lab_order_from_text(const std::string& text) {
  auto order = from_message<LabOrder>("order to a lab", text);
  check(order.plan);
  return order;
}

}  // namespace npyrace
